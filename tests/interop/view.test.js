// SPDX-License-Identifier: MIT
//
// The page of `heddle view`, in a browser without pictures: it opens, shows what the recording has,
// and does what its keys say.
import assert from 'node:assert/strict';
import test from 'node:test';

import {JSDOM, VirtualConsole} from 'jsdom';

import {arbitrary, read, sound} from './samples.js';

// Errors of the page fail the test; what jsdom itself cannot do does not.
function open(name, hash = '') {
  const errors = [];
  const virtualConsole = new VirtualConsole();
  virtualConsole.on('jsdomError', (error) => {
    if (!/Not implemented/.test(error.message)) errors.push(error.message);
  });
  const {window} = new JSDOM(read(`${name}.html`), {
    runScripts: 'dangerously',
    url: `https://page.invalid/${hash}`,
    virtualConsole,
  });
  const {document} = window;
  return {
    errors,
    all: (selector) => [...document.querySelectorAll(selector)],
    text: (selector) => document.querySelector(selector).textContent,
    click: (node) => node.dispatchEvent(new window.MouseEvent('click', {bubbles: true})),
    press: (key) => document.body.dispatchEvent(new window.KeyboardEvent('keydown', {key, bubbles: true})),
    find: (words) => {
      document.getElementById('search').value = words;
      document.getElementById('search').dispatchEvent(new window.Event('input'));
    },
    data: JSON.parse(document.getElementById('data').textContent),
  };
}

for (const name of [...sound, ...arbitrary]) {
  test(`${name} opens, and every key works`, () => {
    const page = open(name);
    for (const key of ['ArrowRight', 'ArrowDown', 'c', 't', '+', '-', '0', 'ArrowUp', 'ArrowLeft']) page.press(key);
    assert.deepEqual(page.errors, []);
  });
}

test('the failed request is chosen, and the step that threw', () => {
  const page = open('shop');
  assert.equal(page.text('#list .chosen div'), 'order-17');
  assert.match(page.text('#ending'), /^threw in Checkout#0/);
  assert.equal(page.text('#detail h2'), 'threw');
  assert.equal(page.all('#list .row').length, 1 + page.data.requests.length);
});

test('another request is a click away, and has only its own steps', () => {
  const page = open('shop');
  page.click(page.all('#list .row').find((row) => row.textContent.startsWith('order-18')));
  const own = page.data.events.filter((event) => event[7] === 2).length;
  assert.equal(page.all('#steps [role=option]').length, own);
});

test('keys go from step to step, and to the cause', () => {
  const page = open('shop');
  page.click(page.all('#list .row')[0]);  // the whole run
  const chosen = () => page.all('#steps .chosen')[0].textContent;
  const before = chosen();
  page.press('ArrowLeft');
  assert.notEqual(chosen(), before);
  page.press('ArrowRight');
  assert.equal(chosen(), before);
  const caused = page.data.events.findIndex((event) => event[6] >= 0);
  const linked = open('shop', `#event=${page.data.events[caused][0]}`);
  const because = linked.all('#detail a')[0].textContent;
  linked.press('c');
  assert.ok(because.endsWith(linked.text('#detail h2')));
});

test('a search finds requests, tasks and steps', () => {
  const page = open('shop');
  page.find('order-18');
  assert.equal(page.text('#list .row div'), 'order-18');
  page.find('Reserve');
  assert.ok(page.all('#list .row').some((row) => row.textContent.startsWith('Checkout#1/Reserve#0')));
  page.find('no such thing');
  assert.equal(page.text('#list'), 'nothing is called so');
});
