// Hostile text in questions and answers: shown as text, never executed, never loaded.
import { XSS_CORPUS } from '../tests/xss_corpus';
import { ask, enterChat, expect, QUESTION, test, turns } from './stage';

test('no payload in a question, in code or in an answer executes or loads anything', async ({ page, server, model }) => {
  const faults: string[] = [];
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (line) => {
    if (/Content Security Policy/i.test(line.text())) faults.push(`csp: ${line.text()}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(server.origin) && !request.url().startsWith('data:')) faults.push(`request: ${request.url()}`);
  });

  model.answer = XSS_CORPUS.join('\n\n');
  await enterChat(page, server);
  await page.getByRole('button', { name: 'Add code' }).click();
  await page.getByLabel('Your code').fill('# <img src=x onerror=alert(1)>\nprint("<script>alert(1)</script>")');
  await ask(page, `${QUESTION} <img src=x onerror=alert(1)><script>alert(1)</script>`);
  await expect(turns(page)).toHaveAttribute('data-status', 'complete');
  await expect(turns(page).getByText('<img src=x onerror=alert(1)><script>alert(1)</script>').first()).toBeVisible();
  await expect(turns(page).locator('script, iframe, img, object, embed, form, [style], [onerror], [onload]')).toHaveCount(0);
  await page.reload();
  await expect(turns(page)).toHaveAttribute('data-status', 'complete');
  expect(faults).toEqual([]);
});

test('no page breaks its own content security policy', async ({ page, server, model }) => {
  const faults: string[] = [];
  page.on('console', (line) => {
    if (line.type() === 'error' && !/401|404/.test(line.text())) faults.push(line.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  model.answer = 'Use `range`.\n\n```python\nfor n in range(3):\n    print(n)\n```';
  await enterChat(page, server);
  await ask(page, QUESTION);
  await expect(turns(page)).toHaveAttribute('data-status', 'complete');
  await expect(turns(page).locator('.hljs')).toBeVisible();
  await page.getByRole('button', { name: /Use (dark|light) colours/ }).click();
  await page.getByRole('button', { name: 'Copy this code' }).click();
  await expect(page.getByRole('button', { name: 'Copy this code' })).toHaveText('Copied');
  await page.getByRole('button', { name: 'This answer helped' }).click();
  await expect(page.getByRole('button', { name: 'This answer helped' })).toHaveAttribute('aria-pressed', 'true');
  await page.evaluate(() => (location.hash = '#/quiz/control_flow.for_loops'));
  await page.getByRole('radio').nth(1).check();
  await page.getByRole('button', { name: 'Check my answer' }).click();
  await expect(page.getByText(/Right!|Not quite/)).toBeVisible();
  await page.getByRole('button', { name: 'Progress', exact: true }).click();
  await page.getByRole('button', { name: /^Why\?/ }).click();
  await expect(page.getByRole('dialog', { name: /Why this score/ }).getByRole('listitem')).toHaveCount(1);
  expect(faults).toEqual([]);
});
