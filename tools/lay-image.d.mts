export function layImage(root: string, edit?: (text: string) => string): string
