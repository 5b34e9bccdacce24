import type { ServerResponse } from 'node:http';
import type { KubeObject } from '../objects/object-store.ts';
import type { LogLine, PodLog } from '../pod-runtime/pod-log.ts';
import { badRequest, chooseContainer } from './pod-container.ts';

/**
 * A container's log as text; with `follow` it stays open until the container ends or the reader goes.
 * @throws KubeStatusError 400 for a container that the pod doesn't have, or that has nothing to show
 */
export const serveLog = (
  pod: KubeObject,
  query: URLSearchParams,
  response: ServerResponse,
  logOf: (container: string, previous: boolean) => PodLog | undefined,
): void => {
  const { name } = pod.metadata;
  const container = chooseContainer(pod, query.get('container') ?? undefined);
  const previous = query.get('previous') === 'true';
  const log = logOf(container, previous);
  if (!log && previous)
    throw badRequest(`previous terminated container "${container}" in pod "${name}" not found`);
  if (!log) throw badRequest(`container "${container}" in pod "${name}" is waiting to start`);
  const show = ({ time, text }: LogLine) =>
    `${query.get('timestamps') === 'true' ? `${time} ` : ''}${text}\n`;
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.write(lastOf(log.lines(), query).map(show).join(''));
  if (query.get('follow') !== 'true') return void response.end();
  const leave = log.follow(
    (line) => response.write(show(line)),
    () => response.end(),
  );
  response.on('close', leave);
};

const lastOf = (lines: readonly LogLine[], query: URLSearchParams): readonly LogLine[] => {
  const count = Number(query.get('tailLines') ?? lines.length);
  return count > 0 ? lines.slice(-count) : [];
};
