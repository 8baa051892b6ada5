// Lets a folder's pages stand in for those that the binary embeds, so that pages can be tested without building the server.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext } from '@playwright/test';

const TYPES: Record<string, string> = { js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' };

/** LEARNFLOW_PAGES names the folder; without it nothing changes. Headers of the first page stay the server's own. */
export async function usePages(context: BrowserContext): Promise<void> {
  const folder = process.env.LEARNFLOW_PAGES;
  if (!folder) return;
  await context.route(/\/assets\/[\w.-]+$/, async (route) => {
    const path = join(folder, new URL(route.request().url()).pathname);
    if (!existsSync(path)) return route.continue();
    await route.fulfill({ path, contentType: TYPES[path.split('.').at(-1) ?? ''] ?? 'text/plain' });
  });
}
