export interface ImageRefusal {
  readonly reason: 'ErrImagePull' | 'InvalidImageName';
  /** In the words of the kubelet and its container runtime. */
  readonly message: string;
}

const reference = /^([a-z0-9.-]+(:\d+)?\/)?[a-z0-9]+([._/-]+[a-z0-9]+)*(:[\w.-]+)?(@sha256:[0-9a-f]{64})?$/;

/**
 * Nothing is pulled here; what can't be is told by its name: the tag `does-not-exist`, a registry below `.invalid`, or a
 * name that is none.
 * @returns undefined for an image that is there
 */
export const refuseImage = (image: string): ImageRefusal | undefined => {
  if (!reference.test(image)) {
    const why = 'invalid reference format';
    const message = `Failed to apply default image tag "${image}": couldn't parse image reference "${image}": ${why}`;
    return { reason: 'InvalidImageName', message };
  }
  const [registry = '', ...path] = image.split('/');
  const whole = path.length > 0 ? image : `docker.io/library/${image}`;
  const resolving = `failed to pull and unpack image "${whole}": failed to resolve reference "${whole}"`;
  if (registry.endsWith('.invalid')) {
    const address = `https://${registry}/v2/${path.join('/').replace(/:([^:]*)$/, '/manifests/$1')}`;
    const why = `failed to do request: Head "${address}": dial tcp: lookup ${registry}: no such host`;
    return { reason: 'ErrImagePull', message: `rpc error: code = Unknown desc = ${resolving}: ${why}` };
  }
  if (!image.endsWith(':does-not-exist')) return undefined;
  return {
    reason: 'ErrImagePull',
    message: `rpc error: code = NotFound desc = ${resolving}: ${whole}: not found`,
  };
};
