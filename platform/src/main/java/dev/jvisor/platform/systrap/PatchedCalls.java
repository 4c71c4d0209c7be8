// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.systrap;

import dev.jvisor.platform.Registers;
import dev.jvisor.platform.Trap;
import dev.jvisor.platform.systrap.CallSites.Site;

import org.jspecify.annotations.Nullable;

/**
 * What is special about a context's calls when call sites are patched: which sites are worth it,
 * and what a stop in or at patched bytes means ({@link CallSites}, {@link SiteFile}). Used by the
 * owner.
 */
final class PatchedCalls {

    /** ENOSYS, as Linux has it in rax at the entry of a call. */
    static final long NO_RESULT = -38;

    private static final int HOT_PLACES = 64;
    /** So many calls from a place make it hot. */
    private static final int HOT_COUNT = 32;

    private final SystrapPlatform platform;
    private final Registers registers;
    private final Trap trap;

    /** Places of calls that were signals, and how often. */
    private final long[] hotPlaces = new long[HOT_PLACES];

    private final int[] hotCounts = new int[HOT_PLACES];

    PatchedCalls(SystrapPlatform platform, Registers registers, Trap trap) {
        this.platform = platform;
        this.registers = registers;
        this.trap = trap;
    }

    /** Counts a call that was a signal; true now and then for a place that calls often. */
    boolean isHot(long back) {
        if (!platform.isPatching()) {
            return false;
        }
        int at = (int) (back ^ back >>> 7) & HOT_PLACES - 1;
        if (hotPlaces[at] != back) {
            hotPlaces[at] = back;
            hotCounts[at] = 0;
        }
        int count = ++hotCounts[at];
        return count >= HOT_COUNT && (count & count - 1) == 0;
    }

    /** Makes a stop of a call whose number is in rax and whose return address is in rip. */
    void called() {
        trap.kind = Trap.Kind.SYSCALL;
        trap.hotSite = false;
        registers.origRax = registers.rax;
        registers.rax = NO_RESULT;
    }

    private void calledFrom(Site site) {
        Registers r = registers;
        r.rip = site.back();
        r.rcx = r.rip;
        r.r11 = r.eflags;
        called();
    }

    /** Whether an undefined instruction is a patched call in disguise; decodes it then. */
    boolean decode(CallSites sites) {
        Registers r = registers;
        Site site = null;
        if (r.rip == platform.code().callSlow) {
            // The guest uses GS itself.
            site = siteOf(sites, r.r11);
        } else if (sites.count() > 0) {
            site = sites.find(r.rip);
            if (site != null && (!site.loadsNumber() || r.rip == site.start())) {
                site = null;
            }
        }
        if (site == null) {
            return false;
        }
        calledFrom(site);
        return true;
    }

    /**
     * Does what patched bytes stand for where they cannot be executed as they are.
     *
     * @return whether that was a stop
     */
    boolean emulate(CallSites sites, boolean step) {
        if (sites.count() == 0) {
            return false;
        }
        Registers r = registers;
        Site site = sites.find(r.rip);
        if (site == null) {
            return false;
        }
        boolean atStart = r.rip == site.start();
        if (site.loadsNumber() ? !atStart : atStart && step) {
            calledFrom(site);
            return true;
        }
        if (site.loadsNumber() && step) {
            r.rax = site.number();
            r.rip += CallSites.MOV_LENGTH;
            trap.kind = Trap.Kind.STEP;
            return true;
        }
        return false;
    }

    /** Returns where to enter guest code for an instruction pointer of the guest. */
    static long entry(CallSites sites, long rip) {
        if (sites.count() == 0) {
            return rip;
        }
        Site site = sites.find(rip);
        if (site == null || site.loadsNumber() || rip != site.back()) {
            return rip;
        }
        return StubCode.SITES + (long) site.index() * SiteFile.ENTRY_SIZE + SiteFile.COMPARE_OFFSET;
    }

    /** Puts the instruction pointer right that is in our code; to be called at stops by signals. */
    void leaveOurCode(CallSites sites) {
        Registers r = registers;
        StubCode code = platform.code();
        if (r.rip >= StubCode.SITES && r.rip < StubCode.SITES + SiteFile.CODE_SIZE) {
            r.rip = guestAddress(sites, r.rip);
        } else if (r.rip >= code.answersStart && r.rip < code.answersEnd) {
            Site site = siteOf(sites, r.r11);
            r.rip = site == null ? r.rip : site.start();
        }
    }

    private static @Nullable Site siteOf(CallSites sites, long data) {
        return sites.at((data - SiteFile.DATA_OFFSET - StubCode.SITES) / SiteFile.ENTRY_SIZE);
    }

    /** Returns the guest's instruction pointer for one in the code of a site. */
    private static long guestAddress(CallSites sites, long rip) {
        long offset = rip - StubCode.SITES;
        Site site = sites.at(offset / SiteFile.ENTRY_SIZE);
        if (site == null) {
            return rip;
        }
        long within = offset % SiteFile.ENTRY_SIZE;
        if (within < SiteFile.COMPARE_OFFSET) {
            return site.start();
        }
        return within == SiteFile.COMPARE_OFFSET
                ? site.back()
                : site.back() + CallSites.COMPARE_LENGTH;
    }
}
