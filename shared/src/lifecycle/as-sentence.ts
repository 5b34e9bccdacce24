/** What Kubernetes says often ends without a full stop, and another sentence follows. */
export const asSentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);
