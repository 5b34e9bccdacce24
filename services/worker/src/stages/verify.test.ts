import { expect, it, vi, afterEach } from 'vitest';
import { startFakeShop } from '../testing/fake-shop.ts';
import { runStage } from '../testing/run-stage.ts';
import { verify } from './verify.ts';

const store = { name: 'My Shop' };

afterEach(() => void vi.restoreAllMocks());

const setUp = async () => {
  const shop = await startFakeShop('My Shop');
  const clock = { now: 0 };
  vi.spyOn(performance, 'now').mockImplementation(() => clock.now);
  const run = (signal = new AbortController().signal) =>
    runStage(verify, { store, ingressAddress: { ...shop.address, isChosen: true }, signal });
  /** Both the next question and the one after it: what was told is told by then. */
  const askedAgain = async () => {
    const before = shop.visits.length;
    await expect.poll(() => shop.visits.length, { timeout: 5000 }).toBeGreaterThan(before + 1);
  };
  return { ...shop, clock, run, askedAgain };
};

it('the final check says that the shop sells', async () => {
  const { run, address } = await setUp();
  const { done, notes } = run();
  await done;
  expect(notes).toEqual([
    `info: Asked as a customer would, at 127.0.0.1:${address.port}: name, products, cart and Cash on Delivery are right.`,
  ]);
});

it('the final check has patience with an ingress that learns, and tells once what is not right yet', async () => {
  const { answers, clock, run, askedAgain } = await setUp();
  answers.name = 'default backend - 404';
  const { done, notes } = run();
  await askedAgain();
  expect(notes).toEqual([]);
  clock.now = 6_000;
  await askedAgain();
  await askedAgain();
  expect(notes).toEqual([expect.stringMatching(/^warning: .*should be called "My Shop"/)]);
  answers.name = 'My Shop';
  await done;
  expect(notes).toHaveLength(2);
});

it('the final check fails with what is wrong when its patience ends', async () => {
  const { answers, clock, run } = await setUp();
  answers.admin = { status: 200, location: '' };
  const { done } = run();
  clock.now = 26_000;
  await expect(done).rejects.toMatchObject({
    code: 'shop_not_selling',
    message: '/wp-admin/ should ask for the login: it answered 200',
    retryable: true,
  });
});

it('the final check ends when its signal does', async () => {
  const { answers, run, askedAgain } = await setUp();
  answers.name = 'Not yet';
  const claim = new AbortController();
  const { done } = run(claim.signal);
  await askedAgain();
  claim.abort('cancelled');
  await expect(done).rejects.toSatisfy(
    (error) => error === 'cancelled' || (error instanceof Error && error.name === 'AbortError'),
  );
});

it('the final check run twice changes nothing the second time: each visitor leaves an empty cart', async () => {
  const { run, visits } = await setUp();
  await run().done;
  await run().done;
  const sold = (path: string) => visits.filter((visit) => visit.includes(path)).length;
  expect([sold('add-item'), sold('remove-item')]).toEqual([2, 2]);
});
