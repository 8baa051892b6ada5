// What the tests share: a model in the test's hand, a server of its own, and a few ways to speak of the page.
import { type APIRequestContext, test as base, type Browser, expect, type Locator, type Page } from '@playwright/test';
import { usePages } from './pages';
import { ScriptedModel } from './provider';
import { DemoServer } from './server';

interface Stage {
  /** Environment variables of the server, beside those of the model. */
  settings: Record<string, string>;
  model: ScriptedModel;
  server: DemoServer;
}

export const test = base.extend<Stage>({
  context: async ({ context }, use) => {
    await usePages(context);
    await use(context);
  },
  model: async ({}, use) => {
    const model = await ScriptedModel.start();
    await use(model);
    await model.dispose();
  },
  settings: [{}, { option: true }],
  server: async ({ model, settings }, use) => {
    const server = await DemoServer.start({ ...model.settings, ...settings });
    await use(server);
    await server.dispose();
  },
});

export { expect };

/** A page of somebody else: with cookies of its own. */
export async function anotherPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext();
  await usePages(context);
  return context.newPage();
}

/** A question that triage sends to a specialist without asking back. */
export const QUESTION = 'Explain how a for loop works in Python.';

/** A long answer with the usual Markdown; its words say where they stand, so a lost or doubled one shows. */
export function numberedAnswer(words: number): string {
  const count = Array.from({ length: words }, (_, index) => `word${index}`);
  return `A **for loop** repeats.\n\n${count.join(' ')}\n\n\`\`\`python\nfor n in range(3):\n    print(n)\n\`\`\`\n\nThe end.`;
}

/** Signs in with a sample account's one click. */
export async function enterAs(page: Page, server: DemoServer, role: 'Student' | 'Instructor' | 'Administrator'): Promise<void> {
  await page.goto(server.origin);
  await page.getByRole('button', { name: new RegExp(role) }).first().click();
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
}

export async function enterChat(page: Page, server: DemoServer): Promise<void> {
  await enterAs(page, server, 'Student');
  await expect(page.getByText('Connected', { exact: true })).toBeVisible();
}

export async function ask(page: Page, text: string): Promise<void> {
  await page.getByLabel('Your question').fill(text);
  await page.getByLabel('Your question').press('Enter');
}

export const turns = (page: Page): Locator => page.getByRole('article', { name: 'Question and answer' });

export interface TranscriptTurn {
  turn: string;
  status: string;
  question: string;
  answer: string;
}

/** The signed-in student's transcript by REST, oldest first. */
export async function transcript(request: APIRequestContext, server: DemoServer): Promise<TranscriptTurn[]> {
  const response = await request.get(`${server.origin}/v1/students/me/transcript?limit=50`);
  expect(response.ok()).toBe(true);
  const page = (await response.json()) as { items: TranscriptTurn[] };
  return page.items.reverse();
}

/** The words `word0 word1 …` that a text shows, in the order in which they stand. */
export const numberedWords = (text: string): string[] => text.match(/word\d+/g) ?? [];

/** Checks that the only turn is whole: each numbered word once and in order, and equal to the transcript's. */
export async function expectWhole(page: Page, server: DemoServer, words: number): Promise<void> {
  await expect(turns(page)).toHaveCount(1);
  await expect(turns(page)).toHaveAttribute('data-status', 'complete', { timeout: 60_000 });
  await expect(turns(page).getByText('The end.')).toBeVisible();
  const shown = numberedWords(await turns(page).innerText());
  expect(shown).toEqual(Array.from({ length: words }, (_, index) => `word${index}`));
  const told = await transcript(page.request, server);
  expect(told).toHaveLength(1);
  expect(numberedWords(told[0]?.answer ?? '')).toEqual(shown);
  expect(told[0]).toMatchObject({ status: 'complete', question: QUESTION });
}
