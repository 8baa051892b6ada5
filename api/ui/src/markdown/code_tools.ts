// What a rendered block of code gets besides its text: a bar with the language and a copy button, and colours once it is whole.
import { copyText } from './clipboard';

const COPIED_MS = 1_600;

/** Dresses every code block inside `holder`; colours are left for later while the text still grows. */
export function dressCode(holder: HTMLElement, isGrowing: boolean): void {
  for (const table of holder.querySelectorAll('table')) table.tabIndex = 0;
  for (const pre of holder.querySelectorAll('pre')) {
    if (pre.parentElement?.className === 'code-block') continue;
    pre.tabIndex = 0;
    const block = document.createElement('div');
    block.className = 'code-block';
    pre.replaceWith(block);
    block.append(codeBar(pre), pre);
    const code = pre.querySelector('code');
    if (code && !isGrowing) void import('./highlight').then(({ highlight }) => highlight(code));
  }
}

function codeBar(pre: HTMLElement): HTMLElement {
  const bar = document.createElement('div');
  bar.className = 'code-bar';
  const name = document.createElement('span');
  name.textContent = /language-(\S+)/.exec(pre.querySelector('code')?.className ?? '')?.[1] ?? 'code';
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'code-copy';
  button.textContent = 'Copy';
  button.setAttribute('aria-label', 'Copy this code');
  button.addEventListener('click', () => void copy(button, pre.textContent ?? ''));
  bar.append(name, button);
  return bar;
}

async function copy(button: HTMLButtonElement, text: string): Promise<void> {
  button.textContent = (await copyText(text)) ? 'Copied' : 'Press Ctrl+C';
  setTimeout(() => (button.textContent = 'Copy'), COPIED_MS);
}
