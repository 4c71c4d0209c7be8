// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.unix;

import org.jspecify.annotations.Nullable;

/**
 * The messages that wait for a socket to receive them. Its monitor guards the list; what is first
 * stays so while the reader's lock is held.
 */
final class ReceiveQueue {

    /** How {@link #append} ended. */
    enum Result {
        QUEUED,
        FULL,
        CLOSED
    }

    private @Nullable UnixMessage first;
    private @Nullable UnixMessage last;
    private volatile int count;
    private boolean closed;

    /** An empty message with a small buffer: who answers in turn needs no other. */
    private @Nullable UnixMessage spare;

    /**
     * Appends a message.
     *
     * @param most how many messages may be there before
     */
    synchronized Result append(UnixMessage message, int most) {
        if (closed) {
            return Result.CLOSED;
        }
        if (count > most) {
            return Result.FULL;
        }
        message.next = null;
        if (last == null) {
            first = message;
        } else {
            last.next = message;
        }
        last = message;
        count = count + 1;
        return Result.QUEUED;
    }

    synchronized @Nullable UnixMessage first() {
        return first;
    }

    synchronized @Nullable UnixMessage after(UnixMessage message) {
        return message.next;
    }

    /** Takes the first message off, which the caller has looked at under the reader's lock. */
    synchronized @Nullable UnixMessage removeFirst() {
        UnixMessage message = first;
        if (message != null) {
            first = message.next;
            if (first == null) {
                last = null;
            }
            message.next = null;
            count = count - 1;
        }
        return message;
    }

    boolean isEmpty() {
        return count == 0;
    }

    int count() {
        return count;
    }

    /** Bytes in all messages. */
    synchronized long bytes() {
        long total = 0;
        for (UnixMessage m = first; m != null; m = m.next) {
            total += m.length();
        }
        return total;
    }

    /** Takes everything out; with {@code close} nothing comes in any more. */
    synchronized @Nullable UnixMessage drain(boolean close) {
        UnixMessage all = first;
        first = null;
        last = null;
        count = 0;
        if (close) {
            closed = true;
            spare = null;
        }
        return all;
    }

    /** A message of a sender for {@code length} bytes, of this queue's own if it has one. */
    UnixMessage newMessage(UnixSocket sender, int length) {
        UnixMessage found;
        synchronized (this) {
            found = spare;
            if (found != null && found.sender == sender && found.data.length >= length) {
                spare = null;
            } else {
                found = null;
            }
        }
        if (found == null) {
            return new UnixMessage(sender, Buffers.take(length));
        }
        Buffers.count(found.data, true);
        return found;
    }

    /** A message was received or is not sent after all: its buffer is free. */
    void recycle(UnixMessage message) {
        byte[] data = message.data;
        if (!Buffers.isSmall(data)) {
            Buffers.give(data);
            return;
        }
        Buffers.count(data, false);
        message.start = 0;
        message.end = 0;
        message.hasWriter = false;
        message.writerPid = 0;
        message.writerUid = 0;
        message.writerGid = 0;
        message.stampNanos = 0;
        synchronized (this) {
            if (!closed) {
                spare = message;
            }
        }
    }
}
