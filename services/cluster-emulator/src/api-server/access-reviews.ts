import { isJsonObject, type JsonObject } from '../objects/json.ts';

const everything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };

/** What `kubectl auth can-i` and `kubectl auth whoami` send: whoever holds the token may do everything. */
const answers: Readonly<Record<string, JsonObject>> = {
  '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews': { allowed: true },
  '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews': {
    resourceRules: [everything],
    nonResourceRules: [],
    incomplete: false,
  },
  '/apis/authentication.k8s.io/v1/selfsubjectreviews': {
    userInfo: { username: 'store-platform-emulator', groups: ['system:masters', 'system:authenticated'] },
  },
};

/** @returns the review with its answer; undefined for any other path. */
export const answerReview = (path: string, review: unknown): JsonObject | undefined => {
  const status = answers[path];
  return status && { ...(isJsonObject(review) && review), status };
};

export const isReview = (path: string): boolean => path in answers;
