// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.loader;

/** The vDSO image and its data page. Skeleton. */
public final class Vdso {}
