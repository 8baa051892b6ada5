// Signing in and up by the form: kind words for mistakes, and the way into the chat.
import { expect, test } from './stage';

test('a wrong password is told kindly, and the form stays', async ({ page, server }) => {
  await page.goto(server.origin);
  await page.getByLabel('E-mail').fill('nobody@example.org');
  await page.getByLabel('Password').fill('not the right password');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page.getByLabel('E-mail')).toHaveValue('nobody@example.org');
});

test('somebody new signs up and can chat; a short password is refused by the form', async ({ page, server }) => {
  await page.goto(server.origin);
  await page.getByRole('button', { name: 'Make an account' }).click();
  await page.getByLabel('Your name').fill('Zoe');
  await page.getByLabel('E-mail').fill('zoe@example.org');
  await page.getByLabel('Password').fill('too short');
  await page.getByRole('button', { name: 'Sign up' }).click();
  expect(await page.getByLabel('Password').evaluate((field: HTMLInputElement) => field.validity.tooShort)).toBe(true);
  await page.getByLabel('Password').fill('violet tractor window seven');
  await page.getByRole('button', { name: 'Sign up' }).click();
  await expect(page.getByRole('heading', { name: /Hello, Zoe!/ })).toBeVisible();
  await expect(page.getByText('Connected', { exact: true })).toBeVisible();
});
