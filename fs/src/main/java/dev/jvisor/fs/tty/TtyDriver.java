// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tty;

/** What a line discipline needs of the line itself (Linux: {@code struct tty_operations}). */
interface TtyDriver {

    /** How many bytes {@link #put} takes now; 0 while output is stopped. */
    int room();

    /** Sends a byte; there is room. */
    void put(int c);

    /** A key asks for a signal to the foreground process group. */
    void signal(int signal);

    /** Stops output on the user's demand (^S), or lets it go on. */
    void setStopped(boolean stopped);

    boolean isStopped();

    /** Drops output that is on its way. */
    void flushOutput();

    /** Input was dropped (packet mode tells it). */
    void inputFlushed();

    /** There is something to read. */
    void inputReady();
}
