/**
 * The descriptions for `/openapi.json`, loaded when somebody asks for it: they bring the swagger package along, some 14 MB. By `require`, since a dynamic
 * import would need the file's name after the build, which is not there in the sources.
 */
export const documentation = (): typeof import('./documentation') =>
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- see above
  require('./documentation') as typeof import('./documentation');
