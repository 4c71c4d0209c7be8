// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.host;

/**
 * Hand-over of control between a thread of this process and a thread of another one through a word
 * of memory that both have mapped: spin first, then sleep on a futex.
 *
 * <p>The word says who runs. The other side stores {@link #STOPPED} when it stops; whoever takes
 * the word over from a sleeper wakes it.
 */
public final class Handover {

    /** The other thread has ended: the host kernel stores this (CLONE_CHILD_CLEARTID). */
    public static final int ENDED = 0;

    /** The other side runs, and this side spins or does not wait. */
    public static final int RUNNING = 1;

    /** The other side waits to be resumed and spins. */
    public static final int STOPPED = 2;

    /** The other side waits to be resumed and sleeps on the word. */
    public static final int STOPPED_ASLEEP = 3;

    /** The other side runs, and this side sleeps on the word. */
    public static final int RUNNING_AWAITED = 4;

    private Handover() {}

    /**
     * Stores {@link #RUNNING}, wakes the other side if it sleeps, and waits for the word to change.
     *
     * @param spins how often to look before sleeping
     * @param timeoutAddress a {@code struct timespec} (relative) that limits the sleep
     * @return the word, RUNNING if the time was up or a signal came
     */
    public static int resume(long word, long spins, long timeoutAddress) {
        return Native.handoverResume(word, spins, timeoutAddress);
    }

    /** As {@link #resume}, for a side that was resumed before. */
    public static int awaitStop(long word, long spins, long timeoutAddress) {
        return Native.handoverAwaitStop(word, spins, timeoutAddress);
    }

    /**
     * Waits until a word has another value than {@code value}.
     *
     * @return the word, {@code value} if the time was up or a signal came
     */
    public static int await(long word, int value, long spins, long timeoutAddress) {
        return Native.handoverAwait(word, value, spins, timeoutAddress);
    }

    /** Wakes who sleeps on a word that another process may have mapped. */
    public static void wake(long word) {
        HostFutex.wake(word, 1, true);
    }

    /** Returns the size of an XSAVE area for all components that are enabled (CPUID leaf 0xd). */
    public static int extendedStateSize() {
        return Native.extendedStateSize();
    }

    /** Returns which state components are enabled (XCR0). */
    public static long extendedStateFeatures() {
        return Native.extendedStateFeatures();
    }

    /**
     * Stores the calling thread's vector state at an address, a multiple of 64, with room for
     * {@link #extendedStateSize} bytes that are zero.
     */
    public static void saveExtendedState(long address) {
        Native.saveExtendedState(address);
    }

    /** Returns ebx of CPUID leaf 7. */
    public static int processorFeatures() {
        return Native.processorFeatures();
    }
}
