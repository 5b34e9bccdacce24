// Speaks as php-worker/main.ts does, without PHP: what a test asks for stands in the address.
process.on('disconnect', () => process.exit());
process.on('message', ({ kind, id, text, request, program }) => {
  if (kind === 'called') return answer(`called ${id} ${text}`);
  if (kind === 'run') return run(program.words);
  const [, task, word] = request.url.split('/');
  if (task === 'loop') for (;;);
  if (task === 'nonsense') return process.send({ kind: 'nonsense' });
  if (task === 'wp-cron.php?doing_wp_cron') process.stdout.write('looks what is due\n');
  if (task === 'exit') process.exit(1);
  if (task === 'call') return process.send({ kind: 'call', id: 7, text: word });
  if (task === 'fat') return answer(String(process.pid), 900 * 2 ** 20);
  if (task === 'slow') return setTimeout(() => answer(String(process.pid)), Number(word));
  return answer(String(process.pid));
});
const run = ([task, ...words]) => {
  if (task === 'loop') for (;;);
  for (const [index, stream] of ['stdout', 'stderr'].entries())
    process.send({ kind: 'said', stream, bytes: Buffer.from(words[index]) });
  process.send({ kind: 'ended', exitCode: 3, memoryBytes: 1 });
};
const answer = (text, memoryBytes = 1) =>
  process.send({
    kind: 'answer',
    answer: { status: 200, headers: {}, body: Buffer.from(text) },
    words: '',
    memoryBytes,
  });
if (process.argv[2] === 'broken') process.exit(1);
process.send({ kind: 'ready' });
