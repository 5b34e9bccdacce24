import { at, stringsAt } from '../objects/json.ts';
import type { KubeObject } from '../objects/object-store.ts';

export type Selector = (object: KubeObject) => boolean;

/** `labelSelector` and `fieldSelector` of a request, as one question. */
export const selectorOf = (query: URLSearchParams): Selector => {
  const terms = [
    ...split(query.get('labelSelector')).map(labelTerm),
    ...split(query.get('fieldSelector')).map(fieldTerm),
  ];
  return (object) => terms.every((term) => term(object));
};

/** At commas, but not at those between the brackets of `in (a,b)`. */
const split = (text: string | null): string[] =>
  text ? text.split(/,(?![^(]*\))/).map((term) => term.trim()) : [];

const labelTerm = (term: string): Selector => {
  const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(term);
  if (set) {
    const values = new Set((set[3] ?? '').split(',').map((value) => value.trim()));
    return (object) => values.has(labels(object)[set[1] ?? ''] ?? '') === (set[2] === 'in');
  }
  const pair = /^([^!=]+)(!=|==?)(.*)$/.exec(term)?.map((part) => part.trim());
  if (pair) return (object) => (labels(object)[pair[1] ?? ''] === pair[3]) === (pair[2] !== '!=');
  return term.startsWith('!')
    ? (object) => !(term.slice(1) in labels(object))
    : (object) => term in labels(object);
};

const labels = (object: KubeObject) => stringsAt(object, 'metadata', 'labels');

const fieldTerm = (term: string): Selector => {
  const [, path = '', operator, value = ''] = /^([^!=]+)(!=|==?)(.*)$/.exec(term) ?? [];
  return (object) => {
    const found = at(object, ...path.split('.')) ?? '';
    const text = typeof found === 'string' ? found : JSON.stringify(found);
    // `involvedObject.namespace=` asks for those that have none.
    return (text === value) === (operator !== '!=');
  };
};
