// Markdown to HTML that is safe to show: no raw HTML, no images, links that tell nothing of us, and DOMPurify behind it all.
import DOMPurify, { type Config } from 'dompurify';
import { Marked, type Tokens } from 'marked';

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);

const marked = new Marked({
  gfm: true,
  async: false,
  renderer: {
    html: ({ text }: Tokens.HTML | Tokens.Tag) => escapeHtml(text),
    image: ({ text }: Tokens.Image) => escapeHtml(text),
    checkbox: ({ checked }: Tokens.Checkbox) => (checked ? '☑ ' : '☐ '),
  },
});

const TAGS = 'a blockquote br code del em h1 h2 h3 h4 h5 h6 hr li ol p pre strong table tbody td th thead tr ul'.split(' ');

const RULES: Config = {
  ALLOWED_TAGS: TAGS,
  ALLOWED_ATTR: ['href', 'start', 'class', 'rel', 'target'],
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
};

const purifier = DOMPurify(window);

purifier.addHook('uponSanitizeAttribute', (node, data) => {
  if (data.attrName === 'class') data.keepAttr = node.nodeName === 'CODE' && /^language-[\w+#-]{1,30}$/.test(data.attrValue);
});

purifier.addHook('afterSanitizeAttributes', (node) => {
  node.removeAttribute('target');
  node.removeAttribute('rel');
  if (node.nodeName !== 'A' || !node.hasAttribute('href')) return;
  node.setAttribute('rel', 'noopener noreferrer nofollow');
  node.setAttribute('target', '_blank');
});

/** Cleans HTML down to what an answer may contain. */
export const sanitise = (html: string): string => purifier.sanitize(html, RULES) as string;

/** Renders one block of Markdown as safe HTML. */
export const renderMarkdown = (source: string): string => sanitise(marked.parse(source) as string);

/** What a screen reader says of an answer: its words, without the marks. */
export function plainText(source: string): string {
  const holder = new DOMParser().parseFromString(renderMarkdown(source), 'text/html');
  return (holder.body.textContent ?? '').replace(/\s+/g, ' ').trim();
}
