// SPDX-License-Identifier: Apache-2.0
/**
 * What the Sentry stands on: the switch between guest code and Sentry.
 *
 * <p>A {@link dev.jvisor.platform.Platform} runs guest code in
 * {@link dev.jvisor.platform.AddressSpace address spaces}; one
 * {@link dev.jvisor.platform.GuestContext} belongs to one guest task and to the Java thread that
 * runs it. Implementations live in sub-packages ({@code ptrace}); {@code host} is the one package
 * that binds native functions, {@code memory} holds the memory file.
 */
@NullMarked
package dev.jvisor.platform;

import org.jspecify.annotations.NullMarked;
