// The instructor's way to a student's transcript, and what an administrator sees.
import { anotherPage, ask, enterAs, enterChat, expect, numberedAnswer, QUESTION, test, turns } from './stage';

test('an instructor reads a student’s transcript after being told that it is recorded', async ({ browser, page, server, model }) => {
  model.answer = numberedAnswer(20);
  const student = await anotherPage(browser);
  await enterChat(student, server);
  await ask(student, QUESTION);
  await expect(turns(student)).toHaveAttribute('data-status', 'complete');
  const name = (await student.locator('header .name').textContent()) ?? '';

  await enterAs(page, server, 'Instructor');
  await page.getByRole('main').getByRole('listitem').first().getByRole('link').click();
  await page.getByRole('link', { name, exact: true }).click();
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
  await expect(page.getByText(QUESTION)).toBeHidden();
  await expect(page.getByText('recorded in the audit log')).toBeVisible();
  await page.getByRole('button', { name: 'Open the conversation' }).click();
  await expect(page.getByText(QUESTION)).toBeVisible();
  await expect(page.getByText('The end.')).toBeVisible();
  await student.context().close();
});

test('an administrator gets a notice, and signing out returns to the sign-in page', async ({ page, server }) => {
  await enterAs(page, server, 'Administrator');
  await expect(page.getByRole('heading', { name: 'Administration' })).toBeVisible();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});
