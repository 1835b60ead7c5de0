/** How texts are compared in searches: whatever the case, and however accents were composed (NFC). */
export function foldText(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
