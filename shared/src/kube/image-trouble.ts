import { diagnosis, ownWords, shortPatienceMs, type Diagnosis } from './diagnosis.ts';

interface Cause {
  readonly says: RegExp;
  readonly sentence: (image: string) => string;
  readonly hint?: string;
  readonly patienceMs: number;
}

/**
 * What registries and container runtimes say, the more telling first: a name that cannot be resolved also ends in "failed
 * to resolve reference", and a registry that hides what it has says "denied" of what does not exist.
 */
const causes: readonly Cause[] = [
  {
    says: /no such host|name resolution|server misbehaving|name or service not known|could not resolve host/i,
    sentence: (image) => `The node cannot resolve the name of the registry of ${image} (DNS)`,
    hint: "Check the registry's name in the image, and the node's DNS.",
    patienceMs: shortPatienceMs,
  },
  {
    says: /toomanyrequests|too many requests|rate limit|status code 429/i,
    sentence: (image) => `The registry of ${image} asks to slow down`,
    hint: 'It is tried again by itself; a pull secret or a registry of your own has a higher limit.',
    patienceMs: Number.POSITIVE_INFINITY,
  },
  {
    says: /x509|certificate|tls: |server gave http response to https/i,
    sentence: (image) => `The node does not trust the registry of ${image}`,
    hint: "Give the registry's certificate to the node's container runtime.",
    patienceMs: shortPatienceMs,
  },
  {
    says: /timeout|timed out|deadline exceeded|connection refused|connection reset|no route to host|unreachable|\bEOF\b|status: 5\d\d|status code 5\d\d/i,
    sentence: (image) => `The registry of ${image} does not answer the node`,
    hint: "Check the registry, and the node's way to it.",
    patienceMs: shortPatienceMs,
  },
  {
    says: /no space left/i,
    sentence: (image) => `The node has no room on its disk for ${image}`,
    hint: 'Free room on the node.',
    patienceMs: shortPatienceMs,
  },
  {
    says: /no match for platform|no matching manifest|does not match the specified platform/i,
    sentence: (image) => `There is no ${image} for the node's kind of machine`,
    hint: 'Name an image that is built for it.',
    patienceMs: 0,
  },
  {
    says: /denied|unauthorized|authorization failed|authentication required|insufficient_scope|status: 40[13]|status code 40[13]|forbidden/i,
    sentence: (image) =>
      `The registry does not give out ${image}: it does not exist, or a pull secret is missing`,
    patienceMs: 0,
  },
  {
    says: /not found|manifest unknown|does not exist|name unknown/i,
    sentence: (image) => `The image ${image} does not exist`,
    hint: 'Correct its name, then retry.',
    patienceMs: 0,
  },
];

/** Why an image cannot be pulled, from what the kubelet says about it; without a known cause it may yet come. */
export const imageTrouble = (image: string, words: string, subject: string): Diagnosis => {
  const cause = causes.find(({ says }) => says.test(words));
  if (!cause) {
    const told = /^back-off pulling image/i.test(words) ? '.' : `: ${ownWords(words)}`;
    return diagnosis('image_pull_failed', `The image ${image} cannot be pulled${told}`, {
      patienceMs: shortPatienceMs,
      subject,
      isVague: true,
    });
  }
  const { sentence, hint, patienceMs } = cause;
  return diagnosis('image_pull_failed', `${sentence(image)}: ${ownWords(words)}`, {
    patienceMs,
    subject,
    ...(hint && { hint }),
  });
};
