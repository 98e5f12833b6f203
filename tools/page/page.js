'use strict';

// What tools/view.cc wrote. Events are rows of numbers: see Field.
const data = JSON.parse(document.getElementById('data').textContent);
const Field = {number: 0, time: 1, task: 2, kind: 3, what: 4, site: 5, cause: 6, flow: 7, choice: 8, wait: 9};
const Kind = {created: 0, start: 1, wait: 2, call: 3, wake: 4, resume: 5, end: 6, threw: 7, gone: 8, act: 9};
const events = data.events;
const tasks = data.tasks;  // {name, path, parent, request}

const byId = (id) => document.getElementById(id);
const eventTime = (e) => events[e][Field.time];
const text = (e) => data.texts[events[e][Field.what]];
const site = (e) => data.sites[events[e][Field.site]];
const stops = (kind) => kind === Kind.wait || kind === Kind.call || kind >= Kind.end && kind !== Kind.act;

// The steps whose order decides: by event, their numbers.
const orders = new Map(data.why.steps.map((step, i) => [step.at, String(i + 1)]));

// --- what is shown --------------------------------------------------------------------------------

// The events and tasks of one request (0: all), in order; for each task its events.
function selectionOf(flow) {
  const shown = [];
  const ofTask = new Map();
  events.forEach((event, e) => {
    if (flow !== 0 && event[Field.flow] !== flow) return;
    shown.push(e);
    if (!ofTask.has(event[Field.task])) ofTask.set(event[Field.task], []);
    ofTask.get(event[Field.task]).push(e);
  });
  return {flow, shown, ofTask, rows: rowsOf(ofTask), place: placesOf(shown)};
}

// Tasks below whoever created them.
function rowsOf(ofTask) {
  const children = new Map();
  const roots = [];
  for (const task of [...ofTask.keys()].sort((a, b) => a - b)) {
    const parent = tasks[task].parent;
    if (parent >= 0 && ofTask.has(parent)) {
      if (!children.has(parent)) children.set(parent, []);
      children.get(parent).push(task);
    } else {
      roots.push(task);
    }
  }
  const rows = [];
  const stack = roots.reverse().map((task) => ({task, depth: 0}));
  while (stack.length > 0) {
    const row = stack.pop();
    rows.push(row);
    const below = (children.get(row.task) || []).slice().reverse();
    for (const task of below) stack.push({task, depth: row.depth + 1});
  }
  return rows;
}

// Where an event is when steps stand one after the other: those between two stops share a place.
function placesOf(shown) {
  const place = new Map();
  shown.forEach((e, i) => place.set(e, i));
  return place;
}

// The stretches in which a task runs or waits, for one row.
function stretchesOf(list) {
  const stretches = [];
  for (let i = 0; i + 1 < list.length; ++i) {
    const kind = events[list[i]][Field.kind];
    let to = i + 1;
    if (stops(kind)) {
      while (to < list.length && events[list[to]][Field.kind] === Kind.wake) ++to;
      if (to === list.length) --to;
    }
    if (kind === Kind.created) {
      stretches.push({from: list[i], to: list[to], what: 'created'});
    } else if (kind === Kind.call) {
      stretches.push({from: list[i], to: list[to], what: 'call'});
    } else if (kind === Kind.wait) {
      stretches.push({from: list[i], to: list[to], what: data.waits[events[list[i]][Field.wait]]});
    } else if (kind !== Kind.wake && kind < Kind.end || kind === Kind.act) {
      stretches.push({from: list[i], to: list[to], what: 'run'});
    }
  }
  return stretches;
}

// --- numbers for people ---------------------------------------------------------------------------

function nanos(value) {
  const units = [['s', 1e9], ['ms', 1e6], ['us', 1e3]];
  for (const [unit, size] of units) {
    if (Math.abs(value) >= size) return String(Math.round(value / size * 1000) / 1000) + unit;
  }
  return value === 0 ? '0' : String(value) + 'ns';
}

// --- state ----------------------------------------------------------------------------------------

const state = {
  selection: null,
  event: -1,       // the one that is looked at
  byTime: data.live,
  begin: 0,        // what is at the left edge, and how much is shown: of places or of nanoseconds
  length: 1,
  top: 0,          // the first row, in pixels
  filter: '',
  longestFirst: data.live,
};

const at = (e) => state.byTime ? eventTime(e) : state.selection.place.get(e);

function extent() {
  const shown = state.selection.shown;
  if (shown.length === 0) return [0, 1];
  const first = at(shown[0]);
  return [first, Math.max(at(shown[shown.length - 1]) - first, 1)];
}

function showAll() {
  const [begin, length] = extent();
  state.begin = begin - length * 0.02;
  state.length = length * 1.04;
}

function choose(flow) {
  state.selection = selectionOf(flow);
  state.top = 0;
  showAll();
  const failed = state.selection.shown.find((e) => events[e][Field.kind] === Kind.threw);
  state.event = failed !== undefined ? failed : state.selection.shown[0] ?? -1;
  drawList();
  draw();
}

function lookAt(e) {
  if (e < 0) return;
  if (!state.selection.place.has(e)) choose(0);
  state.event = e;
  const x = at(e);
  if (x < state.begin || x > state.begin + state.length) state.begin = x - state.length / 2;
  const row = state.selection.rows.findIndex((r) => r.task === events[e][Field.task]);
  const y = row * rowHeight;
  const height = byId('view').clientHeight - axisHeight;
  if (y < state.top || y + rowHeight > state.top + height) state.top = Math.max(0, y - height / 2);
  draw();
}

// --- the list of requests -------------------------------------------------------------------------

function element(tag, className, content) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (content !== undefined) node.textContent = content;
  return node;
}

function requestRow(request) {
  const row = element('div', 'row' + (state.selection.flow === request.number ? ' chosen' : ''));
  row.setAttribute('role', 'option');
  row.append(element('div', request.failed ? 'bad' : '', request.name));
  const parts = [nanos(request.took), request.outcome];
  if (request.longest) parts.push(request.longest);
  row.append(element('div', 'small', parts.join('  ·  ')));
  if (request.took > 0) {
    const bar = element('div', 'bar');
    for (const [tag, part] of [['i', request.running], ['b', request.waiting]]) {
      const piece = element(tag);
      piece.style.width = String(100 * part / request.took) + '%';
      bar.append(piece);
    }
    row.append(bar);
  }
  row.onclick = () => choose(request.number);
  return row;
}

function taskRow(task) {
  const row = element('div', 'row');
  row.append(element('div', '', tasks[task].path));
  row.append(element('div', 'small', 'task ' + task));
  row.onclick = () => {
    const first = events.findIndex((event) => event[Field.task] === task);
    if (first >= 0) lookAt(first);
  };
  return row;
}

function eventRow(e) {
  const row = element('div', 'row');
  row.append(element('div', '', text(e)));
  row.append(element('div', 'small', tasks[events[e][Field.task]].path + '  ' + site(e)));
  row.onclick = () => lookAt(e);
  return row;
}

const listMost = 300;

function drawList() {
  const list = byId('list');
  list.replaceChildren();
  const wanted = state.filter.toLowerCase();
  const matches = (name) => name.toLowerCase().includes(wanted);
  const whole = {number: 0, name: 'the whole run', took: data.end, outcome: data.length, running: 0,
                 waiting: 0, failed: false};
  const requests = data.requests.slice().sort((a, b) =>
    b.failed - a.failed || (state.longestFirst ? b.took - a.took : 0));
  byId('order').textContent = state.longestFirst ? 'the longest first' : 'in their order';
  const all = data.only ? data.requests : [whole, ...requests];
  const found = all.filter((request) => matches(request.name) || wanted !== '' && matches(request.outcome));
  for (const request of found.slice(0, listMost)) list.append(requestRow(request));
  const chosen = list.querySelector('.chosen');
  if (chosen && chosen.scrollIntoView) chosen.scrollIntoView({block: 'nearest'});
  if (wanted !== '') {
    const named = tasks.map((task, t) => t).filter((t) => matches(tasks[t].path));
    for (const task of named.slice(0, 50)) list.append(taskRow(task));
    const texts = new Set(data.texts.map((what, i) => matches(what) ? i : -1));
    const steps = [];
    for (let e = 0; e < events.length && steps.length < 50; ++e) {
      if (texts.has(events[e][Field.what]) || matches(site(e))) steps.push(e);
    }
    for (const e of steps) list.append(eventRow(e));
    if (list.childElementCount === 0) list.append(element('div', 'row small', 'nothing is called so'));
  }
  if (found.length > listMost) {
    list.append(element('div', 'row small', String(found.length - listMost) + ' more: search for them'));
  }
}

// --- the timeline ---------------------------------------------------------------------------------

const rowHeight = 22;
const axisHeight = 24;
const nameWidth = 230;
const canvas = byId('canvas');

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
}

const colorOfWait = {lock: 'lock', send: 'message', receive: 'message', sleep: 'sleep', join: 'join',
                     wait: 'lock', yield: 'join', read: 'message', write: 'message', update: 'message',
                     foreign: 'other', call: 'join', created: 'line', run: 'run'};

function draw() {
  drawTimeline();
  drawDetail();
  drawSteps();
  byId('axis').textContent = state.byTime ? 'by time' : 'step by step';
  location.replace('#event=' + (state.event < 0 ? '' : events[state.event][Field.number]));
}

function xOf(value, width) {
  return nameWidth + (value - state.begin) / state.length * (width - nameWidth);
}

function drawTimeline() {
  const context = canvas.getContext('2d');
  if (!context) return;  // a browser without pictures
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const colors = {};
  for (const name of ['back', 'panel', 'line', 'text', 'dim', 'run', 'lock', 'message', 'sleep', 'join', 'other',
                      'bad', 'mark', 'select', 'cause']) {
    colors[name] = color(name);
  }
  context.fillStyle = colors.back;
  context.fillRect(0, 0, width, height);
  context.font = '12px system-ui, sans-serif';
  context.textBaseline = 'middle';
  const {rows, ofTask} = state.selection;
  const first = Math.floor(state.top / rowHeight);
  const last = Math.min(rows.length, Math.ceil((state.top + height) / rowHeight));
  for (let r = first; r < last; ++r) {
    const y = axisHeight + r * rowHeight - state.top;
    drawRow(context, colors, rows[r], ofTask.get(rows[r].task), y, width);
  }
  drawCause(context, colors, width);
  drawAxis(context, colors, width);
}

function drawRow(context, colors, row, list, y, width) {
  const middle = y + rowHeight / 2;
  const looked = state.event >= 0 && events[state.event][Field.task] === row.task;
  if (looked) {
    context.fillStyle = colors.select;
    context.fillRect(0, y, width, rowHeight);
  }
  context.save();
  context.beginPath();
  context.rect(nameWidth, axisHeight, width - nameWidth, canvas.clientHeight);
  context.clip();
  for (const stretch of stretchesOf(list)) {
    const from = xOf(at(stretch.from), width);
    const to = xOf(at(stretch.to), width);
    if (to < nameWidth || from > width) continue;
    const runs = stretch.what === 'run';
    const thick = runs ? 12 : stretch.what === 'call' || stretch.what === 'created' ? 2 : 6;
    context.fillStyle = colors[colorOfWait[stretch.what] || 'other'];
    context.fillRect(from, middle - thick / 2, Math.max(to - from, runs ? 2 : 1), thick);
  }
  for (const e of list) {
    const kind = events[e][Field.kind];
    const x = xOf(at(e), width);
    if (x < nameWidth - 4 || x > width + 4) continue;
    if (kind === Kind.act) {
      context.fillStyle = colors.mark;
      context.fillRect(x - 1, middle - 7, 2, 14);
    } else if (kind === Kind.threw || kind === Kind.gone) {
      context.strokeStyle = colors.bad;
      context.lineWidth = 2;
      context.beginPath();
      context.moveTo(x - 4, middle - 4);
      context.lineTo(x + 4, middle + 4);
      context.moveTo(x + 4, middle - 4);
      context.lineTo(x - 4, middle + 4);
      context.stroke();
    }
    if (events[e][Field.choice] === 2) {  // not first in, first out
      context.fillStyle = colors.bad;
      context.beginPath();
      context.moveTo(x, middle - 6);
      context.lineTo(x - 4, middle - 11);
      context.lineTo(x + 4, middle - 11);
      context.fill();
    }
  }
  for (const e of list) {
    if (orders.has(e)) drawOrder(context, colors, orders.get(e), xOf(at(e), width), middle);
  }
  if (looked) {
    const x = xOf(at(state.event), width);
    context.strokeStyle = colors.text;
    context.lineWidth = 1.5;
    context.strokeRect(x - 4, middle - 9, 8, 18);
  }
  context.restore();
  context.fillStyle = colors.text;
  context.save();
  context.beginPath();
  context.rect(0, y, nameWidth - 6, rowHeight);
  context.clip();
  context.fillText(tasks[row.task].name, 10 + Math.min(row.depth, 10) * 12, middle);
  context.restore();
}

// The number of a step whose order decides, in a circle.
function drawOrder(context, colors, order, x, middle) {
  context.fillStyle = colors.run;
  context.beginPath();
  context.arc(x, middle, 8, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = colors.back;
  context.textAlign = 'center';
  context.fillText(order, x, middle + 1);
  context.textAlign = 'start';
}

// From the cause of the event to it.
function drawCause(context, colors, width) {
  if (state.event < 0) return;
  const cause = events[state.event][Field.cause];
  if (cause < 0 || !state.selection.place.has(cause)) return;
  const rowOf = (e) => state.selection.rows.findIndex((r) => r.task === events[e][Field.task]);
  const yOf = (e) => axisHeight + (rowOf(e) + 0.5) * rowHeight - state.top;
  const [x1, y1, x2, y2] = [xOf(at(cause), width), yOf(cause), xOf(at(state.event), width), yOf(state.event)];
  context.save();
  context.beginPath();
  context.rect(nameWidth, axisHeight, width - nameWidth, canvas.clientHeight);
  context.clip();
  context.strokeStyle = colors.cause;
  context.fillStyle = colors.cause;
  context.lineWidth = 1.5;
  const bend = Math.max(12, Math.abs(x2 - x1) / 3);
  context.beginPath();
  context.moveTo(x1, y1);
  context.bezierCurveTo(x1 + bend, y1, x2 - bend, y2, x2 - 4, y2);
  context.stroke();
  context.beginPath();
  context.moveTo(x2, y2);
  context.lineTo(x2 - 7, y2 - 4);
  context.lineTo(x2 - 7, y2 + 4);
  context.fill();
  context.restore();
}

function drawAxis(context, colors, width) {
  context.fillStyle = colors.panel;
  context.fillRect(0, 0, width, axisHeight);
  context.strokeStyle = colors.line;
  context.beginPath();
  context.moveTo(nameWidth, 0);
  context.lineTo(nameWidth, canvas.clientHeight);
  context.stroke();
  const rough = state.length / Math.max(2, (width - nameWidth) / 110);
  const power = Math.pow(10, Math.floor(Math.log10(Math.max(rough, 1))));
  const size = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough) || power;
  context.fillStyle = colors.dim;
  context.fillText(state.byTime ? 'time' : 'step', 10, axisHeight / 2);
  for (let value = Math.ceil(state.begin / size) * size; value <= state.begin + state.length; value += size) {
    const x = xOf(value, width);
    if (value < 0) continue;
    context.fillRect(x, axisHeight - 5, 1, 5);
    context.fillText(state.byTime ? nanos(value) : String(value), x + 4, axisHeight / 2);
  }
}

// --- the event that is looked at, and those around it ---------------------------------------------

function link(e) {
  const node = element('a', '', tasks[events[e][Field.task]].path + ': ' + text(e));
  node.onclick = () => lookAt(e);
  return node;
}

function line(parent, label, content) {
  const node = element('div');
  node.append(element('span', 'small', label + ' '));
  node.append(content);
  parent.append(node);
}

function drawDetail() {
  const detail = byId('detail');
  detail.replaceChildren();
  if (state.event < 0) return;
  const event = events[state.event];
  const task = tasks[event[Field.task]];
  detail.append(element('h2', event[Field.kind] === Kind.threw ? 'bad' : '', text(state.event)));
  line(detail, 'task', task.path);
  if (site(state.event)) line(detail, 'at', site(state.event));
  line(detail, 'time', nanos(event[Field.time]) + ', event ' + event[Field.number]);
  if (event[Field.flow] > 0) line(detail, 'request', data.flows[event[Field.flow]]);
  if (event[Field.choice] > 0) {
    line(detail, 'choice', event[Field.choice] === 2 ? 'another was first in line' : 'it was first in line');
  }
  if (event[Field.cause] >= 0) line(detail, 'because', link(event[Field.cause]));
  const effects = effectsOf(state.event);
  for (const effect of effects.slice(0, 4)) line(detail, 'leads to', link(effect));
  if (effects.length > 4) line(detail, '', String(effects.length - 4) + ' more');
}

let effects = null;
function effectsOf(e) {
  if (effects === null) {
    effects = new Map();
    events.forEach((event, effect) => {
      const cause = event[Field.cause];
      if (cause < 0) return;
      if (!effects.has(cause)) effects.set(cause, []);
      effects.get(cause).push(effect);
    });
  }
  return effects.get(e) || [];
}

const stepsAround = 150;

function drawSteps() {
  const list = byId('steps');
  list.replaceChildren();
  const shown = state.selection.shown;
  const here = state.selection.place.get(state.event) ?? 0;
  const from = Math.max(0, here - stepsAround);
  const to = Math.min(shown.length, here + stepsAround);
  if (from > 0) list.append(element('div', 'step small', String(from) + ' before'));
  for (let i = from; i < to; ++i) {
    const e = shown[i];
    const row = element('div', 'step' + (e === state.event ? ' chosen' : ''));
    row.setAttribute('role', 'option');
    row.append(element('span', 'time', nanos(eventTime(e))));
    if (orders.has(e)) row.append(element('span', 'order', orders.get(e)));
    const what = element('span', 'what' + (events[e][Field.kind] === Kind.threw ? ' bad' : ''));
    what.textContent = tasks[events[e][Field.task]].name + '  ' + text(e);
    what.title = tasks[events[e][Field.task]].path + '  ' + text(e) + '  ' + site(e);
    row.append(what);
    row.onclick = () => lookAt(e);
    list.append(row);
    if (e === state.event && row.scrollIntoView) setTimeout(() => row.scrollIntoView({block: 'nearest'}));
  }
  if (to < shown.length) list.append(element('div', 'step small', String(shown.length - to) + ' after'));
}

// --- what the user does ---------------------------------------------------------------------------

function zoom(factor, center) {
  const middle = center ?? state.begin + state.length / 2;
  const length = Math.min(Math.max(state.length * factor, state.byTime ? 20 : 4), extent()[1] * 1.2);
  state.begin = middle - (middle - state.begin) * length / state.length;
  state.length = length;
  draw();
}

function step(by) {
  const shown = state.selection.shown;
  const next = (state.selection.place.get(state.event) ?? 0) + by;
  if (next >= 0 && next < shown.length) lookAt(shown[next]);
}

// To the nearest event of the task above or below.
function otherTask(by) {
  const {rows, ofTask, place} = state.selection;
  const row = rows.findIndex((r) => r.task === events[state.event][Field.task]) + by;
  if (row < 0 || row >= rows.length) return;
  const here = place.get(state.event);
  const list = ofTask.get(rows[row].task);
  lookAt(list.reduce((best, e) =>
    Math.abs(place.get(e) - here) < Math.abs(place.get(best) - here) ? e : best, list[0]));
}

function toggleAxis() {
  state.byTime = !state.byTime;
  showAll();
  lookAt(state.event);
}

const keys = {
  ArrowLeft: () => step(-1),
  ArrowRight: () => step(1),
  ArrowUp: () => otherTask(-1),
  ArrowDown: () => otherTask(1),
  c: () => lookAt(events[state.event][Field.cause]),
  t: toggleAxis,
  '+': () => zoom(0.5),
  '=': () => zoom(0.5),
  '-': () => zoom(2),
  0: () => { showAll(); draw(); },
  '/': () => byId('search').focus(),
};

document.addEventListener('keydown', (event) => {
  if (event.target === byId('search')) {
    if (event.key === 'Escape') byId('search').blur();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys) || state.event < 0) return;
  event.preventDefault();
  keys[event.key]();
});
byId('search').addEventListener('input', () => {
  state.filter = byId('search').value;
  drawList();
});
byId('order').onclick = () => {
  state.longestFirst = !state.longestFirst;
  drawList();
};
byId('axis').onclick = toggleAxis;
byId('closer').onclick = () => zoom(0.5);
byId('further').onclick = () => zoom(2);
byId('fit').onclick = () => { showAll(); draw(); };

function valueAt(x) {
  return state.begin + (x - nameWidth) / (canvas.clientWidth - nameWidth) * state.length;
}

canvas.addEventListener('wheel', (event) => {
  event.preventDefault();
  if (event.ctrlKey || event.shiftKey || event.metaKey) {
    zoom(event.deltaY < 0 ? 0.8 : 1.25, valueAt(event.offsetX));
    return;
  }
  const most = Math.max(0, state.selection.rows.length * rowHeight - canvas.clientHeight + 2 * axisHeight);
  state.top = Math.min(most, Math.max(0, state.top + event.deltaY));
  state.begin += event.deltaX / (canvas.clientWidth - nameWidth) * state.length;
  draw();
}, {passive: false});

let drag = null;
canvas.addEventListener('mousedown', (event) => {
  drag = {x: event.offsetX, y: event.offsetY, begin: state.begin, top: state.top, moved: false};
});
window.addEventListener('mouseup', () => { drag = null; });
canvas.addEventListener('mousemove', (event) => {
  if (drag === null) return;
  const dx = event.offsetX - drag.x;
  const dy = event.offsetY - drag.y;
  if (Math.abs(dx) + Math.abs(dy) > 4) drag.moved = true;
  if (!drag.moved) return;
  state.begin = drag.begin - dx / (canvas.clientWidth - nameWidth) * state.length;
  state.top = Math.max(0, drag.top - dy);
  drawTimeline();
});
canvas.addEventListener('click', (event) => {
  const row = state.selection.rows[Math.floor((event.offsetY - axisHeight + state.top) / rowHeight)];
  if (row === undefined || event.offsetY < axisHeight) return;
  const value = valueAt(event.offsetX);
  const list = state.selection.ofTask.get(row.task);
  lookAt(list.reduce((best, e) => Math.abs(at(e) - value) < Math.abs(at(best) - value) ? e : best, list[0]));
});
window.addEventListener('resize', draw);

// Which steps' order decides, above all else.
function drawWhy() {
  const why = byId('why');
  data.why.steps.forEach((step, i) => {
    const row = element('div');
    row.append(element('span', 'order', String(i + 1)));
    const name = element(step.at < 0 ? 'span' : 'a', '', step.text);
    if (step.at >= 0) name.onclick = () => {
      if (!state.selection.place.has(step.at)) choose(events[step.at][Field.flow]);
      lookAt(step.at);
    };
    row.append(name);
    why.append(row);
  });
  for (const sentence of data.why.verdict.split('\n').filter(Boolean)) why.append(element('div', '', sentence));
}

function begin() {
  byId('title').textContent = data.title;
  document.title = data.title + ' - heddle';
  byId('ending').textContent = data.ending;
  byId('ending').className = data.failed ? 'failed' : '';
  byId('summary').textContent = data.summary;
  drawWhy();
  const key = byId('key');
  for (const [name, label] of [['run', 'runs'], ['lock', 'waits for a lock or signal'], ['message', 'message'],
                               ['sleep', 'sleeps'], ['join', 'joins'], ['other', 'awaits something else']]) {
    const entry = element('span');
    const swatch = element('i');
    swatch.style.background = 'var(--' + name + ')';
    entry.append(swatch, label);
    key.append(entry);
  }
  if (data.failed || data.requests.some((r) => r.failed)) {
    const failed = data.requests.find((r) => r.failed);
    choose(failed ? failed.number : data.only || 0);
  } else {
    const first = data.requests.reduce(
        (best, r) => best === null || data.live && r.took > best.took ? r : best, null);
    choose(data.only || (first === null ? 0 : first.number));
  }
  const asked = /#event=(\d+)/.exec(startHash);
  if (asked !== null) lookAt(events.findIndex((event) => event[Field.number] === Number(asked[1])));
}

const startHash = location.hash;
begin();
