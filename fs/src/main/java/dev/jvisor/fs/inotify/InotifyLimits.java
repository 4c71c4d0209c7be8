// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.inotify;

import java.util.HashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How much inotify users may have ({@code /proc/sys/fs/inotify}). Beside the limits for each user
 * there are some for all together, because a guest's root can raise the former and be any user.
 */
public final class InotifyLimits {

    private static final int ALL_WATCHES_MAX = 1 << 19;
    private static final int ALL_INSTANCES_MAX = 1 << 14;
    private static final int ALL_EVENTS_MAX = 1 << 18;

    private static final class Usage {
        int instances;
        int watches;
    }

    private final HashMap<Integer, Usage> users = new HashMap<>(); // guarded by this
    private int instances; // guarded by this
    private int watches; // guarded by this
    private final AtomicInteger events = new AtomicInteger();

    private volatile int maxUserInstances = 128;
    private volatile int maxUserWatches = 65536;
    private volatile int maxQueuedEvents = 16384;

    /** Sets the most instances of a user. */
    public void setMaxUserInstances(int count) {
        maxUserInstances = count;
    }

    /** Sets the most watches of a user. */
    public void setMaxUserWatches(int count) {
        maxUserWatches = count;
    }

    /** Sets the most events that wait in instances made from now on. */
    public void setMaxQueuedEvents(int count) {
        maxQueuedEvents = count;
    }

    int maxQueuedEvents() {
        return maxQueuedEvents;
    }

    private Usage usage(int uid) {
        return users.computeIfAbsent(uid, unused -> new Usage());
    }

    synchronized boolean addInstance(int uid) {
        Usage usage = usage(uid);
        if (usage.instances >= maxUserInstances || instances >= ALL_INSTANCES_MAX) {
            return false;
        }
        usage.instances++;
        instances++;
        return true;
    }

    synchronized void removeInstance(int uid) {
        Usage usage = usage(uid);
        usage.instances--;
        instances--;
        forgetUnused(uid, usage);
    }

    synchronized boolean addWatch(int uid) {
        Usage usage = usage(uid);
        if (usage.watches >= maxUserWatches || watches >= ALL_WATCHES_MAX) {
            return false;
        }
        usage.watches++;
        watches++;
        return true;
    }

    synchronized void removeWatch(int uid) {
        Usage usage = usage(uid);
        usage.watches--;
        watches--;
        forgetUnused(uid, usage);
    }

    private void forgetUnused(int uid, Usage usage) {
        if (usage.instances == 0 && usage.watches == 0) {
            users.remove(uid);
        }
    }

    boolean addEvent() {
        if (events.get() >= ALL_EVENTS_MAX) {
            return false;
        }
        events.incrementAndGet();
        return true;
    }

    void removeEvents(int count) {
        events.addAndGet(-count);
    }
}
