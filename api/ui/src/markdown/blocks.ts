// Cuts Markdown into blocks that stay as they are while more text streams in, so that only the last one is rendered again.

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const LIST_ITEM = /^ {0,3}(?:[-*+]|\d{1,9}[.)])\s/;
const CONTINUED = /^(?: {2,}|\t)/;

/** The blocks of `text`, in order; joined by blank lines they mean the same as the whole. */
export function splitBlocks(text: string): string[] {
  const blocks: string[] = [];
  let lines: string[] = [];
  let fence = '';
  const flush = () => {
    if (lines.some((line) => line.trim() !== '')) blocks.push(lines.join('\n').replace(/\n+$/, ''));
    lines = [];
  };
  for (const line of text.split('\n')) {
    const mark = FENCE.exec(line)?.[1] ?? '';
    if (fence) {
      lines.push(line);
      if (closes(line, fence)) {
        fence = '';
        if (!isList(lines)) flush();
      }
    } else if (mark) {
      if (!(isList(lines) && CONTINUED.test(line))) flush();
      fence = mark;
      lines.push(line);
    } else {
      if (startsBlock(lines, line)) flush();
      lines.push(line);
    }
  }
  flush();
  return blocks;
}

const closes = (line: string, fence: string) => {
  const rest = line.trim();
  return rest.length >= fence.length && rest === fence.charAt(0).repeat(rest.length);
};

const isList = (lines: string[]) => LIST_ITEM.test(lines[0] ?? '');

/** A line after a blank one begins a block, unless it goes on with a list. */
function startsBlock(lines: string[], line: string): boolean {
  if (line.trim() === '' || lines.at(-1)?.trim() !== '') return false;
  return !(isList(lines) && (LIST_ITEM.test(line) || CONTINUED.test(line)));
}

/** Python code as a block of Markdown, whatever backticks it holds. */
export function fenced(code: string): string {
  const longest = Math.max(2, ...(code.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}python\n${code.replace(/\n+$/, '')}\n${fence}`;
}
