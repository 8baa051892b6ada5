// Markdown: blocks stay stable while text grows, and nothing that could run or phone home survives.
import { describe, expect, it } from 'vitest';
import { splitBlocks } from '../src/markdown/blocks';
import { dressCode } from '../src/markdown/code_tools';
import { plainText, renderMarkdown, sanitise } from '../src/markdown/render';
import { XSS_CORPUS } from './xss_corpus';

const parse = (html: string) => new DOMParser().parseFromString(html, 'text/html').body;

describe('blocks', () => {
  it('are cut at blank lines and at fences', () => {
    expect(splitBlocks('one\ntwo\n\nthree\n```python\na = 1\n\nb = 2\n```\nfour')).toEqual([
      'one\ntwo',
      'three',
      '```python\na = 1\n\nb = 2\n```',
      'four',
    ]);
  });

  it('keep a list with its blank lines and its indented code together', () => {
    const list = '1. one\n\n2. two\n\n   ```python\n   x = 1\n   ```\n\n3. three';
    expect(splitBlocks(`${list}\n\nafter`)).toHaveLength(2);
  });

  it('that are before the last one never change while text is added', () => {
    const text = 'Intro\n\n- a\n- b\n\n  more\n\n```py\nfor i in range(3):\n\n    print(i)\n```\n\n> quote\n\nend **bold** end';
    let before: string[] = [];
    for (let end = 1; end <= text.length; end += 1) {
      const now = splitBlocks(text.slice(0, end));
      // The newest block may still merge with the next line; all earlier ones are settled.
      expect(now.slice(0, Math.max(0, before.length - 1))).toEqual(before.slice(0, -1));
      before = now;
    }
  });

  it('of an open fence run to the end', () => {
    expect(splitBlocks('```\na\n\nb')).toEqual(['```\na\n\nb']);
  });
});

describe('rendering', () => {
  it('shows the usual Markdown', () => {
    const body = parse(renderMarkdown('## Title\n\n**bold** `code`\n\n| a | b |\n|---|---|\n| 1 | 2 |'));
    expect(body.querySelector('h2')?.textContent).toBe('Title');
    expect(body.querySelector('td')?.textContent).toBe('1');
    expect(body.querySelector('code')?.textContent).toBe('code');
  });

  it('shows raw HTML as text', () => {
    const body = parse(renderMarkdown('a <b onclick="x()">bold</b> <script>alert(1)</script>'));
    expect(body.querySelector('b, script')).toBeNull();
    expect(body.textContent).toContain('<script>alert(1)</script>');
  });

  it('drops images and keeps their words', () => {
    const body = parse(renderMarkdown('![a cat](https://evil.example/x.png?secret)'));
    expect(body.querySelector('img')).toBeNull();
    expect(body.textContent).toContain('a cat');
    expect(body.innerHTML).not.toContain('evil.example');
  });

  it('makes links that open elsewhere and tell nothing', () => {
    const link = parse(renderMarkdown('[docs](https://docs.python.org)')).querySelector('a');
    expect(link?.getAttribute('rel')).toBe('noopener noreferrer nofollow');
    expect(link?.getAttribute('target')).toBe('_blank');
  });

  it('keeps code exactly, with its language', () => {
    const body = parse(renderMarkdown('```python\nprint("<b>&amp;")\n```'));
    expect(body.querySelector('pre code')?.className).toBe('language-python');
    expect(body.querySelector('pre code')?.textContent).toBe('print("<b>&amp;")\n');
  });

  it('has words for a screen reader', () => {
    expect(plainText('# Hi\n\nUse `x` and **y**.')).toBe('Hi Use x and y.');
  });
});

describe('code blocks', () => {
  it('get a bar with language and copy button once, and can be reached by keyboard', () => {
    const holder = document.createElement('div');
    holder.innerHTML = renderMarkdown('```python\nx = 1\n```');
    dressCode(holder, true);
    dressCode(holder, true);
    expect(holder.querySelectorAll('.code-bar')).toHaveLength(1);
    expect(holder.querySelector('.code-bar span')?.textContent).toBe('python');
    expect(holder.querySelector('pre')?.tabIndex).toBe(0);
  });
});

const FORBIDDEN = 'script,style,iframe,object,embed,form,input,button,svg,math,img,video,audio,link,meta,base,template,textarea,noscript';

describe.each(XSS_CORPUS)('the payload %s', (payload) => {
  it.each([
    ['as an answer', renderMarkdown(payload)],
    ['as raw HTML', sanitise(payload)],
    ['inside a list and a link', renderMarkdown(`- ${payload}\n- [${payload}](${payload})`)],
  ])('is harmless %s', (_way, html) => {
    const body = parse(html);
    expect(body.querySelector(FORBIDDEN)).toBeNull();
    for (const element of body.querySelectorAll('*')) {
      for (const { name, value } of element.attributes) {
        expect(['href', 'start', 'class', 'rel', 'target']).toContain(name);
        if (name === 'href') expect(value).toMatch(/^(https?|mailto):/i);
        if (name === 'class') expect(value).toMatch(/^language-[\w+#-]+$/);
      }
    }
  });
});
