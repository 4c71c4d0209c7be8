// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.seccomp;

import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_MODE_FILTER;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_MODE_STRICT;

import org.jspecify.annotations.Nullable;

/** What a task's seccomp mode is. Immutable; a task without one has mode 0. */
public final class SeccompState {

    static final SeccompState STRICT = new SeccompState(null);

    private final @Nullable FilterChain filter;

    SeccompState(@Nullable FilterChain filter) {
        this.filter = filter;
    }

    /** {@code SECCOMP_MODE_*}. */
    public int mode() {
        return filter == null ? SECCOMP_MODE_STRICT : SECCOMP_MODE_FILTER;
    }

    /** The filters, null in strict mode. */
    public @Nullable FilterChain filter() {
        return filter;
    }
}
