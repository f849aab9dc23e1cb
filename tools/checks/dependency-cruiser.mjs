import { fileURLToPath } from 'node:url';

/**
 * Reports every import that leads back to where it began, also where only types are imported: none of the files on such a circle can be read, tested or moved
 * without the others.
 */
export default {
  forbidden: [{ name: 'no-circle', severity: 'error', from: {}, to: { circular: true } }],
  options: {
    tsPreCompilationDeps: true, // before the compiler drops the imports of types
    tsConfig: { fileName: fileURLToPath(new URL('../../tsconfig.json', import.meta.url)) }, // the paths of @landfall/*
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
};
