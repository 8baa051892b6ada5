// Practice on the student's page, against the demo: quiz, hints, exercises, progress with its reasons, the next step, follow-ups.
import type { Page } from '@playwright/test';
import { anotherPage, ask, enterChat, expect, QUESTION, test, turns } from './stage';

const TOPIC = 'control_flow.for_loops';
const PREDICT = `${TOPIC}.last_round`;
const FILL_IN = `${TOPIC}.count_to_five`;

const practice = (page: Page) => page.getByRole('region', { name: 'Practice' });
const panel = (page: Page) => page.getByRole('complementary', { name: 'Your progress' });
const topicRow = (page: Page) => panel(page).locator(`[data-topic="${TOPIC}"]`);
const news = (page: Page) => page.locator('[data-news]');

async function openQuiz(page: Page): Promise<void> {
  const module = panel(page).locator('details').filter({ has: page.locator(`[data-topic="${TOPIC}"]`) });
  if (!(await module.evaluate((details: HTMLDetailsElement) => details.open))) await module.locator('summary').click();
  await topicRow(page).getByRole('button', { name: 'For loops', exact: true }).click();
  await topicRow(page).getByRole('button', { name: /Quiz me/ }).click();
  await expect(practice(page).getByRole('heading', { name: 'Quiz: For loops' })).toBeFocused();
}

async function openExercise(page: Page, id: string): Promise<void> {
  await page.evaluate((to) => (location.hash = `#/exercises/${to}`), id);
  await expect(practice(page).getByRole('heading', { name: 'Hints' })).toBeVisible();
}

/** Follows the frames that the page sends. */
function sentFrames(page: Page): Record<string, unknown>[] {
  const frames: Record<string, unknown>[] = [];
  page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => void frames.push(JSON.parse(String(payload)) as Record<string, unknown>)));
  return frames;
}

test.use({ viewport: { width: 1440, height: 900 } });

test('a quiz is answered by keyboard alone, says what was right, and moves mastery', async ({ page, server }) => {
  await enterChat(page, server);
  await openQuiz(page);
  const form = practice(page);
  await expect(form.getByText('Question 1 of 5 · 0 right')).toBeVisible();
  await form.getByRole('radio').first().focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(form.getByText(/Right!|Not quite/)).toBeVisible();
  await expect(form.getByText(/Right answer|Your answer, right/)).toHaveCount(1);
  await expect(form.getByText(/^Your answer/)).toHaveCount(1);
  await expect(news(page)).toHaveText(/^For loops: [\d.]+ points?, (Beginner|Learning)$/);
  await expect(topicRow(page).getByText('Beginner')).toBeVisible();
  await expect(form.getByRole('button', { name: 'Next question' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(form.getByText('Question 2 of 5 ·')).toBeVisible();
  await expect(form.locator('.stem')).toBeFocused();
});

test('a round has five questions, then its result', async ({ page, server }) => {
  await enterChat(page, server);
  await openQuiz(page);
  for (let question = 1; question <= 5; question += 1) {
    await expect(practice(page).getByText(`Question ${question} of 5`, { exact: false }).first()).toBeVisible();
    await practice(page).getByRole('radio').nth(1).check();
    await practice(page).getByRole('button', { name: 'Check my answer' }).click();
    await practice(page).getByRole('button', { name: question === 5 ? 'See the round' : 'Next question' }).click();
  }
  await expect(practice(page).getByText(/^\d of 5 right$/)).toBeVisible();
  await expect(practice(page).getByRole('button', { name: 'Another round' })).toBeVisible();
});

test('a quiz answer given while the server is away counts once when it is back', async ({ page, server }) => {
  await enterChat(page, server);
  await openQuiz(page);
  await practice(page).getByRole('radio').nth(1).check();
  await server.kill();
  await expect(page.getByText('Reconnecting…')).toBeVisible();
  await practice(page).getByRole('button', { name: 'Check my answer' }).click();
  await expect(practice(page).getByRole('button', { name: 'Checking…' })).toBeVisible();
  await server.up();
  await expect(practice(page).getByText(/Right!|Not quite/)).toBeVisible({ timeout: 30_000 });
  const why = await page.request.get(`${server.origin}/v1/students/me/mastery/${TOPIC}/why`);
  expect(((await why.json()) as { items: unknown[] }).items).toHaveLength(1);
});

test('hints climb from the page, say their rung, and count down to the next', async ({ page, server }) => {
  await enterChat(page, server);
  await openExercise(page, PREDICT);
  const hints = practice(page).getByRole('list', { name: 'Hints you were given' });
  await practice(page).getByRole('button', { name: 'Get hint 1 of 4' }).click();
  await expect(hints.getByText('Hint 1 of 4')).toBeVisible();
  await expect(turns(page).getByText('Hint 1 of 4')).toBeVisible();
  await expect(turns(page).getByText('Exercises · from the course')).toBeVisible();
  await practice(page).getByRole('button', { name: 'Get hint 2 of 4' }).click();
  await expect(practice(page).getByText(/You are on hint 1 of 4\. The next one opens in \d+ s/)).toBeVisible();
  await expect(hints.getByRole('listitem')).toHaveCount(1);

  await practice(page).getByLabel('What it prints').fill('0 0\n1 1\n2 3');
  await practice(page).getByRole('button', { name: 'Check my answer' }).click();
  await expect(practice(page).getByText('75 of 100, 3 of 4 right')).toBeVisible();
  await practice(page).getByRole('button', { name: 'Get hint 2 of 4' }).click();
  await expect(hints.getByText('Hint 2 of 4')).toBeVisible();
  await expect(hints.getByRole('listitem')).toHaveCount(2);

  await page.reload();
  await expect(hints.getByRole('listitem')).toHaveCount(2);
  await expect(practice(page).getByText('You are on hint 2 of 4.')).toBeVisible();
});

test('an exercise with code is asked about, with the code and the exercise', async ({ page, server, model }) => {
  model.answer = 'Think about where it begins.';
  const sent = sentFrames(page);
  await enterChat(page, server);
  await openExercise(page, FILL_IN);
  await expect(practice(page).getByText('Running code is not offered here yet.')).toBeVisible();
  await practice(page).getByLabel('Your code').fill('for number in range(1, 5):\n    print(number)');
  await practice(page).getByRole('button', { name: 'Ask about my code' }).click();
  await expect(turns(page)).toHaveAttribute('data-status', 'complete');
  await ask(page, 'Why does it stop at 4?');
  await expect(turns(page)).toHaveCount(2);
  const asks = sent.filter((frame) => frame.type === 'ask');
  expect(asks[0]).toMatchObject({ exercise: FILL_IN, code: 'for number in range(1, 5):\n    print(number)' });
  expect(asks[1]).toMatchObject({ exercise: FILL_IN, text: 'Why does it stop at 4?' });
  await page.reload();
  await expect(practice(page).getByLabel('Your code')).toHaveValue(/range\(1, 5\)/);
});

test('a right prediction solves the exercise, and "Why?" lists the events with their points', async ({ page, server }) => {
  await enterChat(page, server);
  await openExercise(page, PREDICT);
  await practice(page).getByLabel('What it prints').fill('0 0\n1 1\n2 3\nend 3');
  await practice(page).getByRole('button', { name: 'Check my answer' }).click();
  await expect(practice(page).getByText('Solved!')).toBeVisible();
  await topicRow(page).getByRole('button', { name: /^Why\?/ }).click();
  const why = page.getByRole('dialog', { name: 'Why this score? For loops' });
  await expect(why.getByRole('row', { name: /Exercises 40 % 100 \+40/ })).toBeVisible();
  await expect(why.getByText(/Not counted yet: quizzes/)).toBeVisible();
  const events = why.getByRole('list', { name: 'Graded work, newest first' }).getByRole('listitem');
  await expect(events).toHaveCount(1);
  await expect(events.first().getByText('Exercise solved')).toBeVisible();
  await expect(events.first().getByText(/^\+4\d(\.\d)? points$/)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(why).toBeHidden();
  await expect(topicRow(page).getByRole('button', { name: /^Why\?/ })).toBeFocused();
});

test('the next step is done with one click', async ({ page, server, model }) => {
  model.answer = 'A variable is a name for a value.';
  const sent = sentFrames(page);
  await enterChat(page, server);
  const step = panel(page).getByRole('region', { name: 'Next best step' });
  await expect(step.getByText('Variables')).toBeVisible();
  model.hold(3);
  await step.getByRole('button', { name: 'Ask the tutor about it' }).click();
  await expect(step.getByText('Your question is being answered')).toBeVisible();
  await step.getByRole('button', { name: 'Show it' }).click();
  await expect(turns(page).getByText('What is a variable?')).toBeInViewport();
  model.release();
  await expect(turns(page)).toHaveAttribute('data-status', 'complete');
  expect(sent.filter((frame) => frame.type === 'ask')).toMatchObject([{ topic: 'basics.variables' }]);
  // Begun now: the next step is another one, a quiz.
  await step.getByRole('button', { name: 'Start the quiz' }).click();
  await expect(practice(page).getByRole('heading', { name: 'Quiz: Variables' })).toBeVisible();
});

test('a follow-up is asked by its button', async ({ page, server, model }) => {
  model.answer = 'It repeats.';
  await enterChat(page, server);
  await ask(page, QUESTION);
  await expect(turns(page)).toHaveAttribute('data-status', 'complete');
  await expect(turns(page).getByText('Concepts · AI')).toBeVisible();
  const followUp = page.getByRole('list', { name: 'Questions you could ask next' }).getByRole('button').first();
  const text = (await followUp.innerText()).trim();
  await followUp.click();
  await expect(turns(page)).toHaveCount(2);
  await expect(turns(page).nth(1).getByText(text, { exact: true }).first()).toBeVisible();
  await expect(turns(page).nth(1)).toHaveAttribute('data-status', 'complete');
});

test('when the tutor isn’t sure, it asks back with options', async ({ page, server }) => {
  await enterChat(page, server);
  await ask(page, 'help');
  await expect(turns(page)).toHaveAttribute('data-status', 'complete');
  await expect(turns(page).getByText('A question back')).toBeVisible();
  const options = turns(page).getByRole('list', { name: 'What do you mean?' }).getByRole('button');
  expect(await options.count()).toBeGreaterThan(1);
  await options.first().click();
  await expect(turns(page)).toHaveCount(2);
});

test('an instructor sees levels and their reasons', async ({ browser, page, server }) => {
  const student = await anotherPage(browser);
  await enterChat(student, server);
  const name = (await student.locator('header .name').textContent()) ?? '';
  await student.goto(`${server.origin}/#/exercises/${PREDICT}`);
  await student.getByLabel('What it prints').fill('0 0');
  await student.getByRole('button', { name: 'Check my answer' }).click();
  await expect(student.getByText('Not all of it yet')).toBeVisible();
  await student.context().close();

  await page.goto(server.origin);
  await page.getByRole('button', { name: /Instructor/ }).first().click();
  await page.getByRole('main').getByRole('listitem').first().getByRole('link').click();
  await page.getByRole('link', { name, exact: true }).click();
  const row = page.getByRole('row').filter({ has: page.getByRole('button', { name: /^Why\?/ }) });
  await expect(row.getByText('Beginner')).toBeVisible();
  await row.getByRole('button', { name: /^Why\?/ }).click();
  await expect(page.getByRole('dialog').getByText('The last round')).toBeVisible();
});
