// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.unix;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Resource;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Files that are on their way in SCM_RIGHTS messages (Linux: net/unix/garbage.c).
 *
 * <p>A socket that is in a message in its own queue, or in one of a circle of sockets that nobody
 * has open, would never end. {@code collect} finds such ones: all their references are in flight,
 * and none of those in a queue that somebody can still receive from.
 */
final class InFlight {

    /** More than this many files are not in flight, whoever sends them. */
    private static final int FILES_MAX = 65_536;

    /** A sender looks for garbage first when so many are (Linux: UNIX_INFLIGHT_TRIGGER_GC). */
    private static final int FILES_MANY = 16_000;

    /** Guards all below, and the files of queued messages. Taken before a queue's monitor. */
    private static final Object LOCK = new Object();

    private static final IdentityHashMap<UnixSocket, int[]> SOCKETS = new IdentityHashMap<>();
    private static final HashMap<Integer, int[]> BY_USER = new HashMap<>();
    /** A close for each so many sockets in flight looks for garbage: it looks at all of them. */
    private static final int SOCKETS_PER_CLOSE = 64;

    /** Closes that did not look for garbage; guarded by LOCK. */
    private static int closes;

    /** Senders look for garbage when so many files are in flight; guarded by LOCK. */
    private static int filesLimit = FILES_MANY;

    private static volatile int files;
    private static volatile int sockets;

    /** Files that the release of another one on this thread has left for later. */
    private static final ThreadLocal<ArrayDeque<FileDescription>> LATER = new ThreadLocal<>();

    private InFlight() {}

    /** Whether the caller may send more files (ETOOMANYREFS). */
    static void check(CallContext context, int count) throws ErrnoException {
        boolean many = false;
        if (files > FILES_MANY) {
            synchronized (LOCK) {
                many = files > filesLimit;
            }
        }
        if (many) {
            collect();
        }
        int mine;
        synchronized (LOCK) {
            if (many) {
                filesLimit = Math.max(FILES_MANY, 2 * files);
            }
            int[] found = BY_USER.get(context.credentials().uid());
            mine = found == null ? 0 : found[0];
        }
        long limit = context.limit(Resource.RLIMIT_NOFILE);
        boolean over = Long.compareUnsigned(mine, limit) > 0
                && !context.credentials().has(Capabilities.CAP_SYS_RESOURCE)
                && !context.credentials().has(Capabilities.CAP_SYS_ADMIN);
        if (over || files + count > FILES_MAX) {
            throw Errno.ETOOMANYREFS.exception();
        }
    }

    /** Queues a message with files, which are in flight from then on. */
    static ReceiveQueue.Result append(ReceiveQueue queue, UnixMessage message, int most) {
        synchronized (LOCK) {
            ReceiveQueue.Result result = queue.append(message, most);
            if (result == ReceiveQueue.Result.QUEUED) {
                count(message.files, message.filesOwner, 1);
            }
            return result;
        }
    }

    /** Takes the files of a queued message out of flight; the caller has their references. */
    static FileDescription[] take(UnixMessage message) {
        synchronized (LOCK) {
            FileDescription[] taken = message.takeFiles();
            count(taken, message.filesOwner, -1);
            return taken;
        }
    }

    /** The files of a queued message, with references of their own (MSG_PEEK). */
    static FileDescription[] duplicate(UnixMessage message) {
        synchronized (LOCK) {
            FileDescription[] copy = message.files.clone();
            for (FileDescription file : copy) {
                file.retain();
            }
            return copy;
        }
    }

    private static void count(FileDescription[] changed, int owner, int by) {
        if (changed.length == 0) {
            return;
        }
        files += by * changed.length;
        int[] ofUser = BY_USER.computeIfAbsent(owner, user -> new int[1]);
        ofUser[0] += by * changed.length;
        if (ofUser[0] == 0) {
            BY_USER.remove(owner);
        }
        for (FileDescription file : changed) {
            if (file instanceof UnixSocket socket) {
                int[] n = SOCKETS.computeIfAbsent(socket, s -> new int[1]);
                n[0] += by;
                if (n[0] == 0) {
                    SOCKETS.remove(socket);
                }
            }
        }
        sockets = SOCKETS.size();
    }

    /** A socket has ended: that may have been the last way to others. */
    static void socketEnded() {
        if (sockets == 0) {
            return;
        }
        boolean looks;
        synchronized (LOCK) {
            closes++;
            looks = closes > sockets / SOCKETS_PER_CLOSE;
        }
        if (looks) {
            collect();
        }
    }

    /** Ends the sockets that only themselves keep. */
    private static void collect() {
        List<FileDescription> freed = new ArrayList<>();
        synchronized (LOCK) {
            closes = 0;
            IdentityHashMap<UnixSocket, int[]> garbage = findGarbage();
            for (UnixSocket socket : garbage.keySet()) {
                for (UnixMessage message : socket.messagesWithFiles()) {
                    FileDescription[] taken = message.takeFiles();
                    count(taken, message.filesOwner, -1);
                    freed.addAll(List.of(taken));
                }
            }
        }
        if (!freed.isEmpty()) {
            release(freed.toArray(new FileDescription[0]));
        }
    }

    /** Candidates are those that nobody has open; what a reachable queue holds is not garbage. */
    private static IdentityHashMap<UnixSocket, int[]> findGarbage() {
        IdentityHashMap<UnixSocket, int[]> candidates = new IdentityHashMap<>();
        for (Map.Entry<UnixSocket, int[]> entry : SOCKETS.entrySet()) {
            if (entry.getKey().references() == entry.getValue()[0]) {
                candidates.put(entry.getKey(), new int[] {entry.getValue()[0]});
            }
        }
        for (UnixSocket socket : candidates.keySet()) {
            for (UnixMessage message : socket.messagesWithFiles()) {
                for (FileDescription file : message.files) {
                    int[] outside = candidates.get(file);
                    if (outside != null) {
                        outside[0]--;
                    }
                }
            }
        }
        ArrayDeque<UnixSocket> reachable = new ArrayDeque<>();
        for (Map.Entry<UnixSocket, int[]> entry : candidates.entrySet()) {
            if (entry.getValue()[0] > 0) {
                reachable.add(entry.getKey());
            }
        }
        for (UnixSocket s = reachable.poll(); s != null; s = reachable.poll()) {
            if (candidates.remove(s) == null) {
                continue;
            }
            for (UnixMessage message : s.messagesWithFiles()) {
                for (FileDescription file : message.files) {
                    if (file instanceof UnixSocket child && candidates.containsKey(child)) {
                        reachable.add(child);
                    }
                }
            }
        }
        return candidates;
    }

    /**
     * Releases files. The end of one may release others, and so on: that is done in turn, not one
     * within the other, so that a long chain does not exhaust the stack.
     */
    static void release(@Nullable FileDescription[] ended) {
        ArrayDeque<FileDescription> later = LATER.get();
        boolean outermost = later == null;
        if (later == null) {
            later = new ArrayDeque<>();
            LATER.set(later);
        }
        for (FileDescription file : ended) {
            if (file != null) {
                later.add(file);
            }
        }
        if (outermost) {
            try {
                for (FileDescription f = later.poll(); f != null; f = later.poll()) {
                    f.release();
                }
            } finally {
                LATER.remove();
            }
        }
    }

    /** Files in flight, for tests. */
    static int count() {
        return files;
    }
}
