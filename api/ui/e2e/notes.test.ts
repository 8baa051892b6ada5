// What the tutor says by itself: a kind note when somebody is stuck, and how many answers are left today.
import { ask, enterChat, expect, test, turns } from './stage';

const ERROR = `Traceback (most recent call last):
  File "homework.py", line 3, in <module>
    for plum in plums:
NameError: name 'plums' is not defined`;

test('the same error three times brings a kind note, which stays away once it is put away', async ({ page, server }) => {
  await enterChat(page, server);
  const note = page.getByRole('note', { name: 'A note from your tutor' });
  for (let time = 1; time <= 3; time += 1) {
    await expect(note).toHaveCount(0);
    await ask(page, `What is wrong here?\n\n${ERROR}`);
    await expect(turns(page)).toHaveCount(time);
    await expect(turns(page).last().getByText('Hello.')).toBeVisible();
  }
  await expect(note).toContainText('That happens to everybody');
  await page.reload();
  await expect(note).toContainText('That happens to everybody');
  await note.getByRole('button', { name: 'Put this note away' }).click();
  await expect(note).toHaveCount(0);
  await page.reload();
  await expect(turns(page)).toHaveCount(3);
  await expect(note).toHaveCount(0);
});

test.describe('with two answers a day', () => {
  test.use({ settings: { LEARNFLOW__SESSION__DAILY_ANSWERS: '2' } });

  test('the page says what is left, and the course answers when nothing is', async ({ page, server, model }) => {
    await enterChat(page, server);
    await ask(page, 'How does my for loop know where to stop, and what about lists of lists?');
    await expect(page.getByText('1 of 2 AI answers left today').first()).toBeVisible();
    await ask(page, 'And what does a while loop do that a for loop does not, please?');
    await expect(page.getByText(/^0 of 2 AI answers left today; new ones at /).first()).toBeVisible();
    await ask(page, 'Please tell me, how can a for loop count backwards by threes?');
    await expect(turns(page)).toHaveCount(3);
    await expect(turns(page).last().getByText(/from the course/).first()).toBeVisible();
    expect(model.calls).toBe(2);
  });
});
