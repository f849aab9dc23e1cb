/** What is stored. The id is unique among those of its kind. */
export interface Document {
  id: string;
}
