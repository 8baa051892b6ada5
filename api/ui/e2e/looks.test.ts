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

test.describe('on a phone', () => {
  test.use({ viewport: { width: 375, height: 720 } });

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
