/** Loaded before a test process, makes the product take this system for macOS: no paths through open descriptors, other folders. */
Object.defineProperty(process, 'platform', { value: 'darwin' });
