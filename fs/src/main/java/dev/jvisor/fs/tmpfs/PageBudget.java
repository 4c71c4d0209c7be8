// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tmpfs;

import java.util.WeakHashMap;

/** How many pages and inodes an instance may have (options {@code size} and {@code nr_inodes}). */
public final class PageBudget {

    /**
     * What any instance may have at most: the index of its pages, 8 bytes each, must not fill the
     * Sentry's heap.
     */
    private static final long PAGES_HEAP_MAX = Runtime.getRuntime().maxMemory() / 4 / Long.BYTES;

    /** Inodes after which an instance looks whether there is room for more. */
    private static final int INODES_STEP = 64;

    /** Instances that have more inodes than a few, as long as somebody knows them. */
    private static final WeakHashMap<PageBudget, Boolean> INSTANCES = new WeakHashMap<>();

    private long pagesMax;
    private long pagesUsed;
    private long inodesMax;
    private volatile long inodesUsed; // written under the monitor

    /** Limits of 0 mean none. */
    public PageBudget(long pagesMax, long inodesMax) {
        this.pagesMax = pagesMax;
        this.inodesMax = inodesMax;
    }

    /** Takes up to a number of pages; 0 if none is left. */
    synchronized long take(long wanted) {
        long granted = Math.min(wanted, max() - pagesUsed);
        granted = Math.max(0, granted);
        pagesUsed += granted;
        return granted;
    }

    private long max() {
        return pagesMax == 0 ? PAGES_HEAP_MAX : Math.min(pagesMax, PAGES_HEAP_MAX);
    }

    /** Whether a number of pages is more than even an empty instance has. */
    synchronized boolean isBeyond(long pages) {
        return pages > max();
    }

    synchronized void giveBack(long pages) {
        pagesUsed -= pages;
    }

    /** Counts an inode in; false if there are enough. */
    boolean takeInode() {
        return takeInodes(1);
    }

    /** Counts several in, or something that takes as much heap. */
    synchronized boolean takeInodes(int count) {
        long used = inodesUsed + count;
        if (inodesMax != 0 && used > inodesMax
                || used / INODES_STEP != inodesUsed / INODES_STEP && !hasRoom(this)) {
            return false;
        }
        inodesUsed = used;
        return true;
    }

    void giveBackInode() {
        giveBackInodes(1);
    }

    synchronized void giveBackInodes(int count) {
        inodesUsed -= count;
    }

    /** Whether all instances together leave room in the heap; asked once in a while by each. */
    private static boolean hasRoom(PageBudget asking) {
        synchronized (INSTANCES) {
            long sum = 0;
            for (PageBudget budget : INSTANCES.keySet()) {
                sum += budget.inodesUsed;
            }
            INSTANCES.put(asking, Boolean.TRUE);
            return sum + INODES_STEP <= Tmpfs.inodesMax() * 2;
        }
    }

    /** Changes the limits; false if more is in use. */
    synchronized boolean setLimits(long newPagesMax, long newInodesMax) {
        if (newPagesMax != 0 && newPagesMax < pagesUsed
                || newInodesMax != 0 && newInodesMax < inodesUsed) {
            return false;
        }
        pagesMax = newPagesMax;
        inodesMax = newInodesMax;
        return true;
    }

    synchronized long pagesMax() {
        return pagesMax;
    }

    synchronized long pagesUsed() {
        return pagesUsed;
    }

    synchronized long inodesMax() {
        return inodesMax;
    }

    synchronized long inodesUsed() {
        return inodesUsed;
    }
}
