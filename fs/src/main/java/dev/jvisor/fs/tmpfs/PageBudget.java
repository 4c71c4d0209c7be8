// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tmpfs;

/** How many pages and inodes an instance may have (options {@code size} and {@code nr_inodes}). */
public final class PageBudget {

    /**
     * What any instance may have at most: the index of its pages, 8 bytes each, must not fill the
     * Sentry's heap.
     */
    private static final long PAGES_HEAP_MAX = Runtime.getRuntime().maxMemory() / 4 / Long.BYTES;

    private long pagesMax;
    private long pagesUsed;
    private long inodesMax;
    private long inodesUsed;

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
    synchronized boolean takeInode() {
        if (inodesMax != 0 && inodesUsed >= inodesMax) {
            return false;
        }
        inodesUsed++;
        return true;
    }

    synchronized void giveBackInode() {
        inodesUsed--;
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
