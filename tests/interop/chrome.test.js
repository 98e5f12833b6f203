// SPDX-License-Identifier: MIT
//
// Chrome's trace format: read by the engine of Chrome's own developer tools. It is generous
// with what it reads, so we look at what it made of it: every slice is in its tree, a callee
// within its caller, and arrows bind to slices.
import assert from 'node:assert/strict';
import test from 'node:test';

import {arbitrary, read, sound} from './samples.js';

globalThis.DOMRect ??= class DOMRect {};  // the engine is made for a browser
const {Handlers, Processor} = await import('@paulirish/trace_engine/models/trace/trace.js');

const {Meta, Samples, AuctionWorklets, LayerTree, Frames, NetworkRequests, Renderer, Flows} =
  Handlers.ModelHandlers;

async function parse(text) {
  const {traceEvents} = JSON.parse(text);
  const processor = new Processor.TraceProcessor(
    {Meta, Samples, AuctionWorklets, LayerTree, Frames, NetworkRequests, Renderer, Flows});
  await processor.parse(traceEvents, {});
  return {traceEvents, ...(processor.data ?? processor.parsedTrace)};
}

// Throws unless each slice lies within the slice that the engine has above it.
function checkNesting({Renderer: {entryToNode}}) {
  for (const [slice, {parent}] of entryToNode) {
    if (!parent) continue;
    const outer = parent.entry;
    assert.ok(outer.ts <= slice.ts && slice.ts + slice.dur <= outer.ts + outer.dur,
      `${slice.name} is not within ${outer.name}`);
  }
}

// Throws unless the slice of a called task lies somewhere below that of its caller.
function checkCallees({Renderer: {entryToNode}}) {
  let callees = 0;
  const lanes = new Map();
  for (const slice of entryToNode.keys()) lanes.set(slice.args.task, slice.tid);
  for (const [slice, node] of entryToNode) {
    const caller = slice.args.task?.slice(0, -`/${slice.name}`.length);
    if (!caller || lanes.get(caller) !== slice.tid) continue;
    ++callees;
    let above = node.parent;
    while (above && above.entry.args.task !== caller) above = above.parent;
    assert.ok(above, `${slice.args.task} is not below its caller`);
  }
  return callees;
}

// Throws unless each arrow begins and ends within a slice of a task. Returns how many there are.
function checkArrows({traceEvents, Renderer: {entryToNode}}) {
  const slices = [...entryToNode.keys()];
  const isWithin = ({tid, ts}, slice) =>
    slice.tid === tid && slice.ts <= ts && ts < slice.ts + slice.dur;
  const ends = new Map();
  for (const event of traceEvents) {
    if (event.ph !== 's' && event.ph !== 'f') continue;
    assert.ok(slices.some((slice) => isWithin(event, slice)), `${event.id} ends nowhere`);
    ends.set(event.id, (ends.get(event.id) ?? '') + event.ph);
  }
  for (const [id, phases] of ends) assert.equal(phases, 'sf', `arrow ${id}`);
  return ends.size;
}

for (const name of sound) {
  test(`${name} is a trace of Chrome's`, async () => {
    const trace = await parse(read(`${name}.chrome.json`));
    const slices = trace.traceEvents.filter((event) => event.ph === 'X');
    assert.ok(slices.length > 0);
    assert.equal(trace.Renderer.entryToNode.size, slices.length);
    for (const process of trace.Renderer.processes.values()) {
      for (const thread of process.threads.values()) assert.match(thread.name, /^lane \d+$/);
    }
    checkNesting(trace);
    assert.ok(checkCallees(trace) > 0);
  });
}

for (const name of arbitrary) {
  test(`${name} can be read`, async () => {
    const {traceEvents} = await parse(read(`${name}.chrome.json`));
    const phases = new Set(traceEvents.map((event) => event.ph));
    assert.deepEqual([...phases].filter((phase) => !'MXisf'.includes(phase)), []);
  });
}

test('arrows go from slice to slice', async () => {
  const trace = await parse(read('shop.chrome.json'));
  assert.ok(checkArrows(trace) > 0);
  assert.ok(trace.Flows.flows.length > 0);
});

test('an arrow without a beginning is noticed', async () => {
  const trace = await parse(read('shop.chrome.json').replaceAll('"ph": "s"', '"ph": "i"'));
  assert.equal(trace.Flows.flows.length, 0);
  assert.throws(() => checkArrows(trace));
});

test('a callee in a lane that is not its caller\'s is noticed', async () => {
  const trace = JSON.parse(read('shop.chrome.json'));
  const callee = trace.traceEvents.find((event) => event.args?.task?.endsWith('/Reserve#0'));
  callee.ts += 1e6;
  const moved = await parse(JSON.stringify(trace));
  assert.throws(() => { checkNesting(moved); checkCallees(moved); });
});

test('a torn file is refused', async () => {
  await assert.rejects(parse(read('shop.chrome.json').slice(0, -3)), SyntaxError);
});
