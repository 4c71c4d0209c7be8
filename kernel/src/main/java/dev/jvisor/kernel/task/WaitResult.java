// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

/** What a wait call found. */
public final class WaitResult {

    /** The child, 0 if there was nothing to report (WNOHANG). */
    public int pid;

    public int uid;

    /**
     * {@code CLD_EXITED}, {@code CLD_KILLED}, {@code CLD_DUMPED}, {@code CLD_STOPPED},
     * {@code CLD_CONTINUED}.
     */
    public int code;

    /** Wait status as wait4(2) stores it. */
    public int status;

    /** {@code si_status}: exit code or signal. */
    public int value;

    /** What the child and the children it waited for have used. */
    public final UsageTotals usage = new UsageTotals();
}
