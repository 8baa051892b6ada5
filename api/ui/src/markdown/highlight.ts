// Colours Python code; loaded only when the first answer with code is shown.
import hljs from 'highlight.js/lib/core';
import python from 'highlight.js/lib/languages/python';

hljs.registerLanguage('python', python);

const PYTHON_NAMES = new Set(['python', 'py', 'python3', 'pycon']);

/** Replaces the text of a code element by the same text in coloured spans (highlight.js escapes it). */
export function highlight(code: HTMLElement): void {
  const language = /language-(\S+)/.exec(code.className)?.[1]?.toLowerCase() ?? '';
  if (!PYTHON_NAMES.has(language) || code.classList.contains('hljs')) return;
  code.innerHTML = hljs.highlight(code.textContent ?? '', { language: 'python', ignoreIllegals: true }).value;
  code.classList.add('hljs');
}
