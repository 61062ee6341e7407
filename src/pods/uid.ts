/** Dashes, underscores and case differ between cgroups' names and the API. */
export const normalUid = (uid: string): string => uid.replaceAll(/[-_]/g, '').toLowerCase();
