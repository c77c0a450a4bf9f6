export const FINDINGS = [].join('\n\n');
