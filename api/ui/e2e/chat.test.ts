// A student's chat: tokens and answer, reload in the middle, a killed server, stop, follow the keyboard.
import { ask, enterChat, expect, expectWhole, numberedAnswer, QUESTION, test, transcript, turns } from './stage';

const WORDS = 120;
const HALF = 60;

test('an ask streams tokens and ends in a complete answer', async ({ page, server, model }) => {
  model.answer = numberedAnswer(WORDS);
  model.hold(HALF);
  await enterChat(page, server);
  await ask(page, QUESTION);
  await expect(turns(page).getByText(/word10\b/)).toBeVisible();
  await expect(turns(page)).toHaveAttribute('data-status', 'running');
  await expect(page.getByRole('button', { name: 'Stop', exact: true })).toBeVisible();
  model.release();
  await expectWhole(page, server, WORDS);
  await expect(turns(page).getByText('The end.')).toBeInViewport();
  await expect(turns(page).getByText('Concepts · AI')).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: 'The tutor answered: A for loop repeats.' })).toHaveCount(1);
  await expect(turns(page).getByRole('button', { name: 'Copy this code' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Stop', exact: true })).toBeHidden();
});

test('a reload in the middle of an answer loses and doubles nothing', async ({ page, server, model }) => {
  model.answer = numberedAnswer(WORDS);
  model.hold(HALF);
  await enterChat(page, server);
  await ask(page, QUESTION);
  await expect(turns(page).getByText(/word40\b/)).toBeVisible();
  await page.reload();
  await expect(turns(page)).toHaveCount(1);
  await expect(turns(page).getByText(/word40\b/)).toBeVisible();
  await expect(page.getByText(QUESTION)).toHaveCount(1);
  model.release();
  await expectWhole(page, server, WORDS);
  await page.reload();
  await expectWhole(page, server, WORDS);
});

test('a server killed in the middle comes back and finishes without the student doing anything', async ({ page, server, model }) => {
  model.answer = numberedAnswer(WORDS);
  model.hold(HALF);
  await enterChat(page, server);
  await ask(page, QUESTION);
  await expect(turns(page).getByText(/word40\b/)).toBeVisible();
  await server.kill();
  await expect(page.getByText('Reconnecting…')).toBeVisible();
  model.release();
  await server.up();
  await expect(page.getByText('Connected', { exact: true })).toBeVisible({ timeout: 30_000 });
  await expectWhole(page, server, WORDS);
});

test('a question asked while the server is away is sent when it is back', async ({ page, server, model }) => {
  model.answer = numberedAnswer(WORDS);
  await enterChat(page, server);
  await server.kill();
  await expect(page.getByText('Reconnecting…')).toBeVisible();
  await ask(page, QUESTION);
  await page.waitForFunction(() => Object.keys(sessionStorage).some((key) => key.startsWith('learnflow.commands.')));
  await server.up();
  await expectWhole(page, server, WORDS);
});

test('stop ends the answer and keeps what was there', async ({ page, server, model }) => {
  model.answer = numberedAnswer(WORDS);
  model.hold(HALF);
  await enterChat(page, server);
  await ask(page, QUESTION);
  await expect(turns(page).getByText(/word40\b/)).toBeVisible();
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(turns(page)).toHaveAttribute('data-status', 'cancelled');
  await expect(turns(page).getByText(/word40\b/)).toBeVisible();
  await expect(turns(page).getByText(/word100\b/)).toBeHidden();
  const told = await transcript(page.request, server);
  expect(told.map((turn) => turn.status)).toEqual(['cancelled']);
  model.release();
  await ask(page, QUESTION);
  await expect(turns(page).nth(1)).toHaveAttribute('data-status', 'complete');
});

test('the keyboard alone is enough: sample account, ask, new line, Escape', async ({ page, server, model }) => {
  model.answer = numberedAnswer(WORDS);
  model.hold(HALF);
  await enterChat(page, server);
  const field = page.getByLabel('Your question');
  await field.focus();
  await page.keyboard.type('Explain how a for loop');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('works in Python.');
  await expect(field).toHaveValue('Explain how a for loop\nworks in Python.');
  await page.keyboard.press('Enter');
  await expect(field).toHaveValue('');
  await expect(turns(page).getByText(/word10\b/)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(turns(page)).toHaveAttribute('data-status', 'cancelled');
});

test('two tabs of one student show the same conversation', async ({ page, context, server, model }) => {
  model.answer = numberedAnswer(WORDS);
  model.hold(HALF);
  await enterChat(page, server);
  const second = await context.newPage();
  await second.goto(server.origin);
  await expect(second.getByText('Connected', { exact: true })).toBeVisible();
  await ask(page, QUESTION);
  await expect(turns(second).getByText(/word40\b/)).toBeVisible();
  await expect(second.getByText(QUESTION)).toHaveCount(1);
  model.release();
  await expectWhole(second, server, WORDS);
  await expectWhole(page, server, WORDS);
});

test('a question that never left the page survives a reload and is asked once', async ({ page, server, model }) => {
  model.answer = numberedAnswer(WORDS);
  const tickets = '**/v1/ws-tickets';
  await page.route(tickets, (route) => route.abort());
  await page.goto(server.origin);
  await page.getByRole('button', { name: /Student/ }).first().click();
  await ask(page, QUESTION);
  await expect(page.getByText('Kept here')).toBeVisible();
  await page.reload();
  await expect(page.getByText('Kept here')).toBeVisible();
  await page.unroute(tickets);
  await expectWhole(page, server, WORDS);
  expect(model.calls).toBe(1);
});
