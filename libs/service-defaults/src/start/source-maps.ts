import { getSourceMapsSupport, setSourceMapsSupport } from 'node:module';

/**
 * Where Node was told to read source maps, it reads ours alone: stacks name our sources. Those of all packages it would keep as well, with the sources in them, which is 8 MiB of
 * a service. Node reads a map when it loads the file, so this has to be imported before any package.
 */
if (getSourceMapsSupport().enabled) setSourceMapsSupport(true, { nodeModules: false });
