// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.systrap;

/** How long the two sides of a hand-over look at the word before they sleep. */
final class HandoverPolicy {

    private final int cpus;

    HandoverPolicy(int cpus) {
        this.cpus = cpus;
    }

    /** For the Sentry, waiting for an agent. */
    int agentSpins() {
        return 0;
    }

    /** For the Sentry, waiting for a guest thread. */
    int sentrySpins() {
        return cpus > 1 ? 2000 : 0;
    }

    /** For a guest thread, waiting for the Sentry. */
    int guestSpins() {
        return cpus > 1 ? 2000 : 0;
    }
}
