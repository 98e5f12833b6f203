// SPDX-License-Identifier: MIT
//
// Mermaid: its own parser has to find the steps, the causes and the tasks that the DOT of the
// same recording has.
import assert from 'node:assert/strict';
import test from 'node:test';

import {JSDOM} from 'jsdom';

import {arbitrary, read, sound} from './samples.js';

const {window} = new JSDOM('');
Object.assign(globalThis, {window, document: window.document});  // it is made for a browser
const {default: mermaid} = await import('mermaid');
mermaid.initialize({maxTextSize: 1e7, maxEdges: 1e5});

async function parse(text) {
  const {db} = await mermaid.mermaidAPI.getDiagramFromText(text);
  return {
    // Without those that nobody sees, which hold steps in their places.
    vertices: [...db.getVertices().keys()].filter((id) => id.startsWith('s')).length,
    edges: db.getEdges().filter((edge) => edge.stroke !== 'invisible').length,
    frames: db.getSubGraphs().length,
  };
}

function count(text, pattern) {
  return [...text.matchAll(pattern)].length;
}

for (const name of [...sound, ...arbitrary]) {
  test(`${name} is a flowchart`, async () => {
    const dot = read(`${name}.dot`);
    assert.deepEqual(await parse(read(`${name}.mmd`)), {
      vertices: count(dot, /^ *s\d+ \[/gm),
      edges: count(dot, /^ *s\d+ -> s\d+/gm),
      frames: count(dot, /^ *subgraph cluster_/gm),
    });
  });
}

for (const [what, from, to] of [
  ['a frame that does not begin', 'subgraph', 'subgrap'],
  ['a frame that does not end', /^ *end$/m, ''],
  ['an arrow that is none', '-->', '->'],
  ['a text that does not end', /"\]$/m, ']'],
]) {
  test(`${what} is refused`, async () => {
    const text = read('shop.mmd');
    const broken = text.replace(from, to);
    assert.notEqual(broken, text);
    await assert.rejects(parse(broken));
  });
}
