// SPDX-License-Identifier: MIT
//
// The files that run.sh converted: one recording in each format, under one name.
import {readFileSync, readdirSync} from 'node:fs';
import {join} from 'node:path';

const directory = process.env.HEDDLE_INTEROP_DIR;
if (!directory) throw new Error('HEDDLE_INTEROP_DIR is not set: start these tests with run.sh');

export function path(name) {
  return join(directory, name);
}

export function read(name) {
  return readFileSync(path(name), 'utf8');
}

// The names of all recordings; those whose events make sense, and those that hold anything.
const names = readdirSync(directory)
  .filter((file) => file.endsWith('.heddle'))
  .map((file) => file.slice(0, -'.heddle'.length))
  .sort();
export const sound = names.filter((name) => !name.startsWith('any-'));
export const arbitrary = names.filter((name) => name.startsWith('any-'));
if (sound.length === 0 || arbitrary.length === 0) throw new Error(`no recordings in ${directory}`);
