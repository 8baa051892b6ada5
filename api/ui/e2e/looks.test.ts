// What every page owes its readers: no serious accessibility fault in light and dark, and no sideways scrolling on a phone.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { ask, enterAs, enterChat, expect, numberedAnswer, QUESTION, test, turns } from './stage';

async function expectAccessible(page: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(grave.map(({ id, nodes }) => `${where}: ${id}: ${nodes.map((node) => node.html).join(' | ')}`)).toEqual([]);
}

async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide).toBeLessThanOrEqual(0);
}

/** An exercise tried, and a hint taken. */
async function practise(page: Page): Promise<void> {
  await page.evaluate(() => (location.hash = '#/exercises/control_flow.for_loops.last_round'));
  await page.getByLabel('What it prints').fill('0 0');
  await page.getByRole('button', { name: 'Check my answer' }).click();
  await expect(page.getByText('Not all of it yet')).toBeVisible();
  await page.getByRole('button', { name: /Get hint/ }).click();
  await expect(page.getByRole('list', { name: 'Hints you were given' })).toBeVisible();
}

async function answerQuiz(page: Page): Promise<void> {
  await page.evaluate(() => (location.hash = '#/quiz/control_flow.for_loops'));
  await page.getByRole('radio').nth(1).check();
  await page.getByRole('button', { name: 'Check my answer' }).click();
  await expect(page.getByText(/Right!|Not quite/)).toBeVisible();
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`in ${colorScheme}`, () => {
    test.use({ colorScheme });

    test('sign-in, sign-up and chat have no serious fault', async ({ page, server, model }) => {
      model.answer = numberedAnswer(20);
      await page.goto(server.origin);
      await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
      await expectAccessible(page, 'sign-in');
      await page.getByRole('button', { name: 'Make an account' }).click();
      await expectAccessible(page, 'sign-up');
      await enterChat(page, server);
      await expect(page.getByRole('heading', { name: /What would you like to learn/ })).toBeVisible();
      await expectAccessible(page, 'empty chat');
      await page.getByRole('button', { name: 'Add code' }).click();
      await page.getByLabel('Your code').fill('for n in range(3):\n    print(n)');
      await ask(page, QUESTION);
      await expect(turns(page)).toHaveAttribute('data-status', 'complete');
      await expectAccessible(page, 'chat');
    });

    test('quiz, exercise, reasons and the drawer have no serious fault', async ({ page, server }) => {
      await page.setViewportSize({ width: 1440, height: 900 });
      await enterChat(page, server);
      await practise(page);
      await expectAccessible(page, 'exercise with a grade and a hint');
      await page.getByRole('button', { name: /^Why\?/ }).click();
      await expect(page.getByRole('dialog').getByRole('listitem')).toHaveCount(1);
      await expectAccessible(page, 'why');
      await page.keyboard.press('Escape');
      await answerQuiz(page);
      await expectAccessible(page, 'quiz, graded');
      await page.setViewportSize({ width: 375, height: 720 });
      await expectAccessible(page, 'quiz on a phone');
      await page.getByRole('button', { name: 'Progress', exact: true }).click();
      await expect(page.getByRole('dialog', { name: 'Your progress' }).getByText('Next best step')).toBeVisible();
      await expectAccessible(page, 'drawer');
    });

    test('the instructor’s pages have no serious fault', async ({ page, server }) => {
      await enterAs(page, server, 'Instructor');
      const sections = page.getByRole('main').getByRole('listitem');
      await expect(sections.first()).toBeVisible();
      await expectAccessible(page, 'sections');
      await sections.first().getByRole('link').click();
      await expect(page.getByRole('table')).toBeVisible();
      await expectAccessible(page, 'section');
      await page.getByRole('table').getByRole('link').first().click();
      await expect(page.getByRole('table')).toBeVisible();
      await page.getByRole('button', { name: 'Open the conversation' }).click();
      await expect(page.getByText('This reading has been recorded.')).toBeVisible();
      await expectAccessible(page, 'student');
    });
  });
}

test('the student’s page does not jump while it loads', async ({ page, server }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await enterChat(page, server);
  await page.reload();
  await expect(page.getByRole('complementary', { name: 'Your progress' }).getByText('Next best step')).toBeVisible();
  await expect(page.getByText('Connected', { exact: true })).toBeVisible();
  const shift = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let sum = 0;
        const observer = new PerformanceObserver((list) => {
          for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[]) sum += entry.value;
        });
        observer.observe({ type: 'layout-shift', buffered: true });
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(sum)));
      }),
  );
  expect(shift).toBeLessThan(0.02);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 375, height: 720 } });

  test('quiz, exercise, chat and progress take turns, and nothing scrolls sideways', async ({ page, server }) => {
    await enterChat(page, server);
    await practise(page);
    await expectNoSidewaysScroll(page);
    await expect(page.getByLabel('Your question')).toBeHidden();
    await page.getByRole('button', { name: 'Chat', exact: true }).click();
    await expect(page.getByLabel('Your question')).toBeVisible();
    await expect(turns(page).getByText('Hint 1 of 4')).toBeInViewport();
    await expectNoSidewaysScroll(page);
    await answerQuiz(page);
    await expectNoSidewaysScroll(page);
    await page.getByRole('button', { name: 'Progress', exact: true }).click();
    const drawer = page.getByRole('dialog', { name: 'Your progress' });
    await drawer.getByRole('button', { name: /^Why\?/ }).click();
    await expect(page.getByRole('dialog', { name: /Why this score/ }).getByRole('listitem').first()).toBeVisible();
    await expectNoSidewaysScroll(page);
    await page.keyboard.press('Escape');
    await drawer.getByRole('button', { name: 'Variables', exact: true }).click();
    await drawer.getByRole('button', { name: /Quiz me/ }).click();
    await expect(drawer).toBeHidden();
    await expect(page.getByRole('heading', { name: 'Quiz: Variables' })).toBeInViewport();
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await expect(page.getByLabel('Your question')).toBeVisible();
    await page.goBack();
    await expect(page.getByRole('heading', { name: 'Quiz: Variables' })).toBeVisible();
  });

  test('nothing scrolls sideways', async ({ page, server, model }) => {
    model.answer = `${'long'.repeat(60)} \`\`\`python\nprint("${'x'.repeat(200)}")\n\`\`\`\n\n| ${'wide | '.repeat(12)}\n|${'---|'.repeat(12)}\n| ${'cell | '.repeat(12)}`;
    await page.goto(server.origin);
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
    await expectNoSidewaysScroll(page);
    await enterChat(page, server);
    await expectNoSidewaysScroll(page);
    await page.getByRole('button', { name: 'Add code' }).click();
    await page.getByLabel('Your code').fill(`value = "${'y'.repeat(300)}"`);
    await ask(page, `${QUESTION} ${'z'.repeat(200)}`);
    await expect(turns(page)).toHaveAttribute('data-status', 'complete');
    await expectNoSidewaysScroll(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await enterAs(page, server, 'Instructor');
    await page.getByRole('main').getByRole('listitem').first().getByRole('link').click();
    await expect(page.getByRole('table')).toBeVisible();
    await expectNoSidewaysScroll(page);
    await page.getByRole('table').getByRole('link').first().click();
    await expect(page.getByRole('table')).toBeVisible();
    await expectNoSidewaysScroll(page);
  });
});
