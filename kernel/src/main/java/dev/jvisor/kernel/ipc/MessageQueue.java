// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.ipc;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.LittleEndian;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedList;
import java.util.ListIterator;

/** A System V message queue (Linux: {@code struct msg_queue}). */
public final class MessageQueue extends IpcObject {

    /** Size of {@code struct msqid64_ds}, in bytes. */
    public static final int STAT_SIZE = 120;

    /** A message. */
    public record Message(long type, byte[] text) {}

    /** Which message a receiver takes (Linux: convert_mode). */
    enum Search {
        ANY,
        EQUAL,
        NOT_EQUAL,
        LESS_OR_EQUAL,
        POSITION
    }

    /** A task that waits for a message. */
    static final class Receiver {
        final Task task;
        final Search search;
        final long type;
        final long room;
        final boolean truncates;

        @Nullable
        Message message;

        @Nullable
        Errno failure;

        Receiver(Task task, Search search, long type, long room, boolean truncates) {
            this.task = task;
            this.search = search;
            this.type = type;
            this.room = room;
            this.truncates = truncates;
        }

        boolean accepts(Message m) {
            return switch (search) {
                case ANY, POSITION -> true;
                case EQUAL -> m.type == type;
                case NOT_EQUAL -> m.type != type;
                case LESS_OR_EQUAL -> m.type <= type;
            };
        }

        boolean fits(Message m) {
            return truncates || m.text.length <= room;
        }

        boolean isDone() {
            return message != null || failure != null;
        }
    }

    final LinkedList<Message> messages = new LinkedList<>();
    private final ArrayList<Receiver> receivers = new ArrayList<>();
    private final ArrayList<Task> senders = new ArrayList<>();
    long bytes;
    long bytesMax;
    long sendSeconds;
    long receiveSeconds;
    int lastSender;
    int lastReceiver;

    MessageQueue(int key, int mode, Credentials creator, long nowSeconds, long bytesMax) {
        super(key, mode, creator, nowSeconds);
        this.bytesMax = bytesMax;
    }

    boolean hasRoom(int length) {
        return length + bytes <= bytesMax && messages.size() + 1L <= bytesMax;
    }

    /** Hands a message to who waits for it; false if nobody does. */
    boolean hand(Message message, long nowSeconds) {
        for (int i = 0; i < receivers.size(); ) {
            Receiver receiver = receivers.get(i);
            if (!receiver.accepts(message)) {
                i++;
                continue;
            }
            receivers.remove(i);
            if (receiver.fits(message)) {
                receiver.message = message;
                lastReceiver = receiver.task.threadGroup().id();
                receiveSeconds = nowSeconds;
                receiver.task.wake();
                return true;
            }
            receiver.failure = Errno.E2BIG;
            receiver.task.wake();
        }
        return false;
    }

    /** Finds what a receiver would take; null if there is nothing. */
    @Nullable
    Message search(Receiver receiver) {
        Message best = null;
        long position = receiver.type;
        for (Message m : messages) {
            if (receiver.search == Search.POSITION) {
                if (position-- == 0) {
                    return m;
                }
            } else if (receiver.accepts(m)) {
                if (receiver.search != Search.LESS_OR_EQUAL) {
                    return m;
                }
                if (best == null || m.type < best.type) {
                    best = m;
                }
            }
        }
        return best;
    }

    /** Takes a message out: the very object, of which an equal one may be there too. */
    void take(Message message) {
        for (ListIterator<Message> i = messages.listIterator(); i.hasNext(); ) {
            if (i.next() == message) {
                i.remove();
                break;
            }
        }
        bytes -= message.text.length;
        wakeSenders();
    }

    void wakeSenders() {
        for (Task sender : senders) {
            sender.wake();
        }
    }

    void addSender(Task task) {
        if (!senders.contains(task)) {
            senders.add(task);
        }
    }

    void removeSender(Task task) {
        senders.remove(task);
    }

    void addReceiver(Receiver receiver) {
        receivers.add(receiver);
    }

    void removeReceiver(Receiver receiver) {
        receivers.remove(receiver);
    }

    /** All that wait have to look again (IPC_SET). */
    void failAll(Errno failure) {
        for (Receiver receiver : receivers) {
            receiver.failure = failure;
            receiver.task.wake();
        }
        receivers.clear();
        wakeSenders();
    }

    @Override
    void write(byte[] b) {
        writePermissions(b);
        LittleEndian.putLong(b, PERM_SIZE, sendSeconds);
        LittleEndian.putLong(b, 56, receiveSeconds);
        LittleEndian.putLong(b, 64, changeSeconds);
        LittleEndian.putLong(b, 72, bytes);
        LittleEndian.putLong(b, 80, messages.size());
        LittleEndian.putLong(b, 88, bytesMax);
        LittleEndian.putInt(b, 96, lastSender);
        LittleEndian.putInt(b, 100, lastReceiver);
    }
}
