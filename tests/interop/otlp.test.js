// SPDX-License-Identifier: MIT
//
// OTLP: protobuf's JSON mapping, with OpenTelemetry's own schema. The mapping says base64 for
// bytes; OTLP says hexadecimal for ids (opentelemetry.io/docs/specs/otlp, "JSON Protobuf
// Encoding"), so ids are checked and turned into base64 first. What the schema does not have is
// refused.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import test from 'node:test';

import {createFileRegistry, fromBinary, fromJson} from '@bufbuild/protobuf';
import {FileDescriptorSetSchema} from '@bufbuild/protobuf/wkt';

import {arbitrary, path, read, sound} from './samples.js';

const registry = createFileRegistry(
  fromBinary(FileDescriptorSetSchema, readFileSync(path('otlp.descriptors'))));
const schema = registry.getMessage(
  'opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest');

const idBytes = {traceId: 16, spanId: 8, parentSpanId: 8};

function base64(key, id) {
  const hex = new RegExp(`^[0-9a-f]{${2 * idBytes[key]}}$`);
  assert.match(id, hex, `${key} is not ${idBytes[key]} bytes in hexadecimal digits`);
  assert.doesNotMatch(id, /^0+$/, `${key} is all zeros, which is no id`);
  return Buffer.from(id, 'hex').toString('base64');
}

function decode(text) {
  const json = JSON.parse(text, (key, value) => (key in idBytes ? base64(key, value) : value));
  return fromJson(schema, json, {registry});
}

function spansOf(request) {
  return request.resourceSpans.flatMap((resource) => resource.scopeSpans)
    .flatMap((scope) => scope.spans);
}

for (const name of [...sound, ...arbitrary]) {
  test(`${name} is OTLP`, () => {
    const request = decode(read(`${name}.otlp.json`));
    const spans = spansOf(request);
    const id = (bytes) => Buffer.from(bytes).toString('hex');
    const ids = new Map(spans.map((span) => [id(span.spanId), span]));
    assert.equal(ids.size, spans.length, 'two spans have one id');
    for (const span of spans) {
      assert.notEqual(span.name, undefined);
      if (arbitrary.includes(name)) continue;
      assert.ok(span.startTimeUnixNano <= span.endTimeUnixNano, `${span.name} ends early`);
      if (span.parentSpanId.length === 0) continue;
      const parent = ids.get(id(span.parentSpanId));
      assert.ok(parent, `${span.name} has a parent that is not there`);
      assert.equal(id(parent.traceId), id(span.traceId));
    }
  });
}

test('each type of a field keeps its value', () => {
  const spans = spansOf(decode(read('signs.otlp.json')));
  const values = Object.fromEntries(
    spans.flatMap((span) => span.events)[0].attributes.map(({key, value}) => [key, value.value]));
  assert.deepEqual(values.n, {case: 'intValue', value: -1n});
  assert.deepEqual(values.x, {case: 'doubleValue', value: 0.5});
  assert.deepEqual(values.b, {case: 'boolValue', value: true});
  assert.deepEqual(values.y, {case: 'bytesValue', value: new Uint8Array([0, 255])});
});

test('the shop has its requests, its marks and its failure', () => {
  const spans = spansOf(decode(read('shop.otlp.json')));
  assert.ok(spans.some((span) => span.name === 'shop::Charge' && span.status.code === 2));
  assert.ok(spans.some((span) => span.events.some((event) => event.name === 'charged')));
  const requests = new Set(spans.map((span) => Buffer.from(span.traceId).toString('hex')));
  assert.equal(requests.size, 3, 'order-17, order-18 and what belongs to none');
});

for (const [what, from, to] of [
  ['an id in the wrong length', /"spanId": "0/, '"spanId": "'],
  ['an id of zeros', /"spanId": "[0-9a-f]{16}"/, '"spanId": "0000000000000000"'],
  ['a field that is not in the schema', '"kind": 1', '"sort": 1'],
  ['a text for a number', '"kind": 1', '"kind": "some"'],
  ['a number that does not fit', /"startTimeUnixNano": "/, '"startTimeUnixNano": "-'],
  ['two types of one value', '"stringValue":', '"boolValue": true, "stringValue":'],
  ['a torn end', /\}\s*$/, ''],
]) {
  test(`${what} is refused`, () => {
    const text = read('shop.otlp.json');
    const broken = text.replace(from, to);
    assert.notEqual(broken, text);
    assert.throws(() => decode(broken.replace('"startTimeUnixNano": "-0"',
      '"startTimeUnixNano": "-1"')));
  });
}
