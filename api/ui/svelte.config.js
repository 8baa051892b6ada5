// Tells the Svelte compiler and svelte-check to read TypeScript in components; styles stay in files (the page's CSP allows no inline style).
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

export default {
  preprocess: vitePreprocess({ style: false }),
  compilerOptions: { runes: true, css: 'external' },
};
