// The committed build: within its byte budget, with the promised names, and free of anything its security policy would block.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';

const DIST = join(import.meta.dirname, '../dist');
const KIB = 1_024;
const read = (name: string) => readFileSync(join(DIST, name));
const gzipBytes = (name: string) => gzipSync(read(name), { level: 9 }).length;

it('has stable names', () => {
  expect(readdirSync(DIST).sort()).toEqual(['assets', 'index.html']);
  expect(readdirSync(join(DIST, 'assets')).sort()).toEqual([
    'WhyDialog.js',
    'app.css',
    'app.js',
    'highlight.js',
    'icon.svg',
    'instructor_parts.js',
    'licenses.md',
    'student_parts.js',
  ]);
});

it('keeps its byte budget', () => {
  expect(gzipBytes('assets/app.js')).toBeLessThanOrEqual(70 * KIB);
  expect(gzipBytes('assets/app.css')).toBeLessThanOrEqual(12 * KIB);
});

it('has no inline script or style, and loads only its own files', () => {
  const page = new DOMParser().parseFromString(read('index.html').toString(), 'text/html');
  for (const script of page.querySelectorAll('script')) expect(script.getAttribute('src')).toBe('/assets/app.js');
  expect(page.querySelectorAll('style, [style], [onload], [onclick]')).toHaveLength(0);
  for (const link of page.querySelectorAll('link')) expect(link.getAttribute('href')).toMatch(/^\/assets\//);
  expect(read('assets/app.css').toString()).not.toMatch(/@import|url\((?!["']?data:)/);
});
