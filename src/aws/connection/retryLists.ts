/** The errors that the SDK retries, by its own lists. */
interface RetryLists {
  readonly isThrottlingError: (error: SdkError) => boolean;
  readonly isTransientError: (error: SdkError) => boolean;
}

interface SdkError {
  name: string;
  message: string;
  $fault: 'client';
  $metadata: Record<string, never>;
}

let lists: RetryLists | undefined;

/** Called when the SDK is loaded. Until then there are no errors of it, and nothing of it should be loaded just for its lists. */
export function setRetryLists(loaded: RetryLists): void {
  lists = loaded;
}

export function isThrottlingName(name: string): boolean {
  return lists?.isThrottlingError(sdkError({ name })) === true;
}

export function isTransientName(name: string): boolean {
  return lists?.isTransientError(sdkError({ name })) === true;
}

/** For error codes of Node. */
export function isTransientCode(code: string): boolean {
  return lists?.isTransientError(sdkError({ code })) === true;
}

/** An error with nothing but a name, or a code, to look up. */
function sdkError(members: { readonly name: string } | { readonly code: string }): SdkError {
  return { name: '', message: '', $fault: 'client', $metadata: {}, ...members };
}
