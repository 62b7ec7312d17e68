export async function recordEmbedded(_to: string): Promise<void> { await Promise.resolve(); }
