// SPDX-License-Identifier: MIT
//
// DOT: Graphviz reads it, says nothing, and writes what it understood.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import test from 'node:test';

import {arbitrary, read, sound} from './samples.js';

function graphviz(input) {
  const {status, stdout, stderr} = spawnSync('dot', ['-Tdot_json'],
    {input, encoding: 'utf8', maxBuffer: 1 << 28});
  assert.equal(status, 0, stderr);
  assert.equal(stderr, '');
  return JSON.parse(stdout);
}

for (const name of [...sound, ...arbitrary]) {
  test(`${name} is DOT`, () => {
    const text = read(`${name}.dot`);
    const graph = graphviz(text);
    const steps = [...text.matchAll(/^ *s(\d+) \[/gm)].map((match) => `s${match[1]}`);
    // Beside frames there are vertices and edges that nobody sees: they hold steps in their places.
    const vertices = (graph.objects ?? []).filter((object) => /^s\d+$/.test(object.name));
    const edges = (graph.edges ?? []).filter((edge) => edge.style !== 'invis');
    assert.deepEqual(vertices.map((vertex) => vertex.name).sort(), steps.sort());
    assert.equal(edges.length, [...text.matchAll(/^ *s\d+ -> s\d+/gm)].length);
  });
}

for (const [what, from, to] of [
  ['a graph that does not end', /\}\s*$/, ''],
  ['a text that does not end', '\\l"];', '\\l];'],
  ['an arrow to nowhere', /-> s\d+/, '->'],
]) {
  test(`${what} is refused`, () => {
    const text = read('shop.dot');
    const broken = text.replace(from, to);
    assert.notEqual(broken, text);
    assert.throws(() => graphviz(broken));
  });
}
